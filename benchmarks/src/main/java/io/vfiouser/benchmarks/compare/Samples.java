package io.vfiouser.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// All numbers so far, kept in a CSV file, so that groups of workloads can be measured at different
/// times.
final class Samples {
    private final Path file;
    private final List<Sample> samples = new ArrayList<>();

    private Samples(Path file) {
        this.file = file;
    }

    static Samples in(Path file) throws IOException {
        var samples = new Samples(file);
        if (Files.exists(file)) {
            Files.readAllLines(file).stream()
                    .skip(1)
                    .map(Sample::parse)
                    .forEach(samples.samples::add);
        }
        return samples;
    }

    /// Drops what was measured before of one workload.
    void forget(String workload) {
        samples.removeIf(sample -> sample.workload().equals(workload));
    }

    void add(String workload, String server, int repetition, String metric, double value) {
        samples.add(new Sample(workload, server, repetition, metric, value));
    }

    void save() throws IOException {
        var lines = new ArrayList<String>();
        lines.add(Sample.HEADER);
        samples.stream().map(Sample::line).forEach(lines::add);
        Files.write(file, lines);
    }

    /// The servers that were measured, in the order in which they were, without the floor.
    Set<String> servers() {
        var names = new LinkedHashSet<String>();
        samples.forEach(sample -> names.add(sample.server()));
        names.remove(Sample.FLOOR);
        return names;
    }

    /// What the repetitions gave, or empty if it was not measured.
    Optional<Spread> of(Figure figure, String server) {
        return Spread.of(values(figure, server).values().stream().toList());
    }

    /// One figure divided by another, turn by turn, so that what the machine did meanwhile counts
    /// on both sides.
    Optional<Spread> ratio(Figure figure, String server, Figure base, String baseServer) {
        var above = values(figure, server);
        var below = values(base, baseServer);
        var ratios = new ArrayList<Double>();
        above.forEach((repetition, value) -> {
            Double divisor = below.get(repetition);
            if (divisor != null) {
                ratios.add(value / divisor);
            }
        });
        return Spread.of(ratios);
    }

    private Map<Integer, Double> values(Figure figure, String server) {
        var values = new TreeMap<Integer, Double>();
        for (Sample sample : samples) {
            if (sample.workload().equals(figure.workload())
                    && sample.metric().equals(figure.metric())
                    && sample.server().equals(server)) {
                values.put(sample.repetition(), sample.value());
            }
        }
        return values;
    }
}
