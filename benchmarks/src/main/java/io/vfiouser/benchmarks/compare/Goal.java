package io.vfiouser.benchmarks.compare;

import java.util.Optional;

/// What a row is meant to reach.
///
/// @param text for people
/// @param sense 1 if the number may be at most `limit`, -1 if it must be at least that, 0 for no
///   goal
/// @param ofRatio whether the ratio to the base is meant, or the figure itself
/// @param limit empty where the best of the other servers is the limit
record Goal(String text, int sense, boolean ofRatio, Optional<Double> limit) {
    static Goal ratioAtMost(double limit) {
        return new Goal("at most %s x".formatted(plain(limit)), 1, true, Optional.of(limit));
    }

    static Goal ratioAtLeast(double limit) {
        return new Goal("at least %s x".formatted(plain(limit)), -1, true, Optional.of(limit));
    }

    static Goal atMost(double limit, String unit) {
        return new Goal(
                "at most %s %s".formatted(plain(limit), unit), 1, false, Optional.of(limit));
    }

    static Goal atLeast(double limit, String unit) {
        return new Goal(
                "at least %s %s".formatted(plain(limit), unit), -1, false, Optional.of(limit));
    }

    /// For a row that only informs.
    static Goal none() {
        return new Goal("", 0, false, Optional.empty());
    }

    static Goal noWorseThanOthers() {
        return new Goal("at most the other's", 1, false, Optional.empty());
    }

    boolean isMet(double value, double bound) {
        return sense * value <= sense * bound;
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
