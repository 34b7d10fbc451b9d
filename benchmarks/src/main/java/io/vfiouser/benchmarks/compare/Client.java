package io.vfiouser.benchmarks.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The neutral client, `benchmarks/vubench.c`.
///
/// @param program its path
record Client(String program, Machine machine) {
    private static final Pattern NUMBER = Pattern.compile("\"(\\w+)\":(-?[0-9.]+)");
    private static final Pattern TAG = Pattern.compile("\"tag\":\"(\\w*)");
    private static final Pattern FATAL = Pattern.compile("\"fatal\":\"([^\"]*)\"");

    /// Runs a workload against a server and returns its metrics. Where the client tells of two
    /// things, those of the second are called `unmap_..`.
    Map<String, Double> run(RunningServer server, Mode mode, String arguments)
            throws IOException, InterruptedException {
        return run(server.pattern(), mode, arguments);
    }

    /// Runs a workload against one socket and returns its metrics.
    Map<String, Double> run(String socket, Mode mode, String arguments)
            throws IOException, InterruptedException {
        return run(mode, List.of("--sock", socket), arguments);
    }

    /// Starts a workload on the clients' CPU, of which it gets what others leave.
    Process startIdle(String socket, String arguments) throws IOException {
        var command = new ArrayList<String>(List.of("chrt", "--idle", "0", "taskset", "-c"));
        command.addAll(List.of(Integer.toString(machine.clientCpu()), program, "--sock", socket));
        command.addAll(List.of(arguments.split(" ")));
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /// Runs the bare echo server and returns its metrics.
    Map<String, Double> floor(Mode mode, String arguments)
            throws IOException, InterruptedException {
        return run(
                mode,
                List.of(
                        "--pin",
                        Integer.toString(cpu(mode)),
                        "--pin-server",
                        Integer.toString(machine.serverCpu())),
                arguments);
    }

    private Map<String, Double> run(Mode mode, List<String> before, String arguments)
            throws IOException, InterruptedException {
        var command = new ArrayList<String>(List.of(program));
        command.addAll(before);
        command.addAll(List.of(arguments.split(" ")));
        Process process =
                new ProcessBuilder(Machine.pinned(cpu(mode), command))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<String> lines = process.inputReader().lines().toList();
        process.waitFor();
        var metrics = new LinkedHashMap<String, Double>();
        for (String line : lines) {
            Matcher fatal = FATAL.matcher(line);
            if (fatal.find()) {
                metrics.put("failed", 1.0);
                return metrics;
            }
            if (line.contains("\"type\":\"result\"")) {
                read(line, metrics);
            }
        }
        return metrics;
    }

    private int cpu(Mode mode) {
        return mode == Mode.SPIN ? machine.clientCpu() : machine.serverCpu();
    }

    private static void read(String line, Map<String, Double> metrics) {
        Matcher tag = TAG.matcher(line);
        String prefix = tag.find() && tag.group(1).equals("unmap") ? "unmap_" : "";
        Matcher number = NUMBER.matcher(line);
        while (number.find()) {
            metrics.put(prefix + number.group(1), Double.parseDouble(number.group(2)));
        }
    }
}
