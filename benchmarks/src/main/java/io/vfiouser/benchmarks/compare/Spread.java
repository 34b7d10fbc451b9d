package io.vfiouser.benchmarks.compare;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The middle and the ends of some repetitions.
record Spread(double median, double lowest, double highest) {
    static Optional<Spread> of(List<Double> values) {
        if (values.isEmpty()) {
            return Optional.empty();
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median =
                sorted.size() % 2 == 1
                        ? sorted.get(middle)
                        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        return Optional.of(new Spread(median, sorted.getFirst(), sorted.getLast()));
    }

    /// As in `6.51 [6.40-7.02]`, each number multiplied by `scale`; one number if all are the same.
    String text(double scale) {
        String middle = number(median * scale);
        String low = number(lowest * scale);
        String high = number(highest * scale);
        return low.equals(high) ? middle : middle + " [" + low + "-" + high + "]";
    }

    static String number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return "-";
        }
        int digits = Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + digits + "f", value);
    }
}
