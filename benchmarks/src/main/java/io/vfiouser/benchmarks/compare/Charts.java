package io.vfiouser.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The charts of a report: ratios to the floor where less is better, and where more is.
final class Charts {
    private final Samples samples;
    private final List<String> servers;

    Charts(Samples samples) {
        this.samples = samples;
        this.servers = List.copyOf(samples.servers());
    }

    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(
                directory.resolve("latency.svg"),
                chart(
                        1,
                        2.2,
                        "Time of an access / the bare echo server's (less is better; red: the"
                                + " goal)"));
        Files.writeString(
                directory.resolve("throughput.svg"),
                chart(
                        -1,
                        50,
                        "Accesses a second / the echo server's round trips (more is better; red:"
                                + " the goal)"));
    }

    private String chart(int sense, double largest, String title) {
        var chart = new BarChart(title, servers, largest);
        for (Row row : Row.ALL) {
            if (row.base().isEmpty() || !row.goal().ofRatio() || row.goal().sense() != sense) {
                continue;
            }
            Map<String, Spread> bars = new LinkedHashMap<>();
            for (String server : servers) {
                row.ratio(samples, server).ifPresent(ratio -> bars.put(server, ratio));
            }
            if (row.baseIsFloor() && !bars.isEmpty()) {
                chart.add(row.title(), bars, row.goal().limit().orElse(Double.NaN));
            }
        }
        return chart.svg();
    }
}
