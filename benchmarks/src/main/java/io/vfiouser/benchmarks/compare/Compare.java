package io.vfiouser.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Measures servers and reports; see `benchmarks/compare --help`, which starts it.
public final class Compare {
    private static final String BEGIN = "<!-- compare: begin -->";
    private static final String END = "<!-- compare: end -->";
    private static final List<String> FOOTPRINTS =
            List.of("start", "memory", "idle", "fleet", "fair");

    private final List<Peer> peers = new ArrayList<>();
    private final List<String> groups = new ArrayList<>();
    private String program = "vubench";
    private Path data = Path.of("compare.csv");
    private Path document = Path.of("performance.md");
    private int repetitions = 5;
    private Machine machine = new Machine(1, 0);

    private Compare() {}

    /// Runs the groups that are named, then rewrites table and charts.
    public static void main(String[] arguments) throws IOException, InterruptedException {
        var compare = new Compare();
        compare.parse(List.of(arguments));
        compare.run();
    }

    private void parse(List<String> arguments) {
        for (int i = 0; i < arguments.size(); i++) {
            switch (arguments.get(i)) {
                case "--peer" -> peers.add(Peer.parse(arguments.get(++i)));
                case "--client" -> program = arguments.get(++i);
                case "--data" -> data = Path.of(arguments.get(++i));
                case "--document" -> document = Path.of(arguments.get(++i));
                case "--repetitions" -> repetitions = Integer.parseInt(arguments.get(++i));
                case "--cpus" -> {
                    String cpus = arguments.get(++i);
                    int comma = cpus.indexOf(',');
                    machine =
                            new Machine(
                                    Integer.parseInt(cpus.substring(0, comma)),
                                    Integer.parseInt(cpus.substring(comma + 1)));
                }
                default -> groups.add(arguments.get(i));
            }
        }
    }

    private void run() throws IOException, InterruptedException {
        Samples samples = Samples.in(data);
        var client = new Client(program, machine);
        var comparison = new Comparison(machine, client, peers, repetitions, samples);
        var footprint = new Footprint(machine, client, peers, repetitions, samples);
        var fairness = new Fairness(machine, client, peers, repetitions, samples);
        for (String group : groups) {
            switch (group) {
                case "start" -> footprint.start();
                case "memory" -> footprint.memory();
                case "idle" -> footprint.idle();
                case "fleet" -> footprint.fleet();
                case "fair" -> fairness.measure();
                case "report" -> report(samples);
                default -> comparison.measure(group(group));
            }
            samples.save();
        }
        System.out.println(new Table(samples).markdown());
    }

    private static Group group(String name) {
        for (Group group : Group.values()) {
            if (group.name().equals(name.toUpperCase(Locale.ROOT))) {
                return group;
            }
        }
        throw new IllegalArgumentException(
                "group: "
                        + name
                        + " (expected: report, one of "
                        + FOOTPRINTS
                        + ", or of "
                        + List.of(Group.values())
                        + " in small letters)");
    }

    /// Puts the table into the document, between its two marks, and the charts beside it.
    private void report(Samples samples) throws IOException {
        String text = Files.readString(document);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException(
                    document + ": no marks (expected: " + BEGIN + " and " + END + ")");
        }
        String table =
                BEGIN
                        + "\nMeasured on: "
                        + Machine.description()
                        + ".\n\n"
                        + new Table(samples).markdown();
        Files.writeString(document, text.substring(0, begin) + table + text.substring(end));
        new Charts(samples).write(document.resolveSibling("performance"));
    }
}
