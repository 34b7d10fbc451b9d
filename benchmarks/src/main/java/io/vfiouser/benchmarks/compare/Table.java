package io.vfiouser.benchmarks.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The results as a table in Markdown: medians, `[lowest-highest]` of the repetitions, and ratios.
final class Table {
    private final Samples samples;
    private final List<String> servers;

    Table(Samples samples) {
        this.samples = samples;
        this.servers = List.copyOf(samples.servers());
    }

    String markdown() {
        var text = new StringBuilder();
        var head = new ArrayList<>(List.of("what", "goal", "floor"));
        servers.forEach(server -> {
            head.add(server);
            head.add("ratio");
        });
        head.add("met");
        line(text, head);
        line(text, head.stream().map(_ -> "---").toList());
        Row.ALL.forEach(row -> add(text, row));
        return text.toString();
    }

    private void add(StringBuilder text, Row row) {
        if (servers.stream().allMatch(server -> row.figure(samples, server).isEmpty())) {
            return;
        }
        var cells = new ArrayList<String>();
        cells.add(row.title() + ", " + row.unit());
        cells.add(row.goal().text());
        cells.add(row.floor(samples).map(floor -> floor.text(row.scale())).orElse(""));
        for (String server : servers) {
            cells.add(
                    row.figure(samples, server)
                            .map(each -> each.text(row.scale()))
                            .orElse("fails"));
            cells.add(row.ratio(samples, server).map(each -> each.text(1)).orElse(""));
        }
        cells.add(met(row).map(met -> met ? "yes" : "**no**").orElse(""));
        line(text, cells);
    }

    /// Whether the first server, ours, has reached the goal.
    private Optional<Boolean> met(Row row) {
        Goal goal = row.goal();
        if (goal.sense() == 0) {
            return Optional.empty();
        }
        String ours = servers.getFirst();
        Optional<Double> value =
                goal.ofRatio()
                        ? row.ratio(samples, ours).map(Spread::median)
                        : row.figure(samples, ours).map(each -> each.median() * row.scale());
        Optional<Double> bound = goal.limit().or(() -> bestOfOthers(row));
        return value.flatMap(v -> bound.map(b -> goal.isMet(v, b)));
    }

    private Optional<Double> bestOfOthers(Row row) {
        return servers.stream()
                .skip(1)
                .flatMap(server -> row.figure(samples, server).stream())
                .map(each -> each.median() * row.scale())
                .min(Double::compare);
    }

    private static void line(StringBuilder text, List<String> cells) {
        text.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}
