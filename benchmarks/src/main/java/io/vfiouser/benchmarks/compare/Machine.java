package io.vfiouser.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The CPUs that are used, and what `/proc` tells of processes.
///
/// @param serverCpu where servers run, and clients too unless both poll
/// @param clientCpu where clients run when both poll
record Machine(int serverCpu, int clientCpu) {
    private static final Pattern MODEL = Pattern.compile("(?m)^model name\\s*:\\s*(.*)$");
    private static final Pattern OPEN_FILES =
            Pattern.compile("Max open files\\s+(?:\\d+)\\s+(\\d+)");
    private static final Pattern RESIDENT = Pattern.compile("(?m)^VmRSS:\\s*(\\d+) kB$");

    /// The command pinned to a CPU, and before other processes if we may.
    static List<String> pinned(int cpu, List<String> command) {
        var words = new ArrayList<String>();
        if (System.getProperty("user.name", "").equals("root")) {
            words.addAll(List.of("nice", "-n", "-15"));
        }
        words.addAll(List.of("taskset", "-c", Integer.toString(cpu)));
        words.addAll(command);
        return words;
    }

    /// CPU time of all threads of a process so far, in nanoseconds.
    static long cpuNanos(long pid) throws IOException {
        long sum = 0;
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads.toList()) {
                String times = Files.readString(thread.resolve("schedstat"));
                sum += Long.parseLong(times.substring(0, times.indexOf(' ')));
            }
        }
        return sum;
    }

    /// Resident memory of a process in bytes.
    static long residentBytes(long pid) throws IOException {
        var matcher = RESIDENT.matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
        return matcher.find() ? Long.parseLong(matcher.group(1)) * 1024 : 0;
    }

    /// How many files a process may have open.
    static long openFiles() throws IOException {
        var limit = OPEN_FILES.matcher(Files.readString(Path.of("/proc/self/limits")));
        return limit.find() ? Long.parseLong(limit.group(1)) : Long.MAX_VALUE;
    }

    /// One line for the report.
    static String description() throws IOException {
        var model = MODEL.matcher(Files.readString(Path.of("/proc/cpuinfo")));
        return "%d CPUs, %s, Linux %s, Java %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        model.find() ? model.group(1) : System.getProperty("os.arch"),
                        System.getProperty("os.version"),
                        Runtime.version());
    }
}
