package io.vfiouser.cli;

import io.vfiouser.cli.failure.CommandException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Whether the limit of open files leaves room for so many devices, asked before the first of them
/// is served rather than learned at the last.
record OpenFiles(long limit) {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Pattern SOFT = Pattern.compile("Max open files\\s+(\\d+)\\s.*");

    /// For the JVM's own files, epoll, logs.
    private static final int OWN = 120;

    /// What this process may open, or empty if the kernel does not say or sets no limit.
    static Optional<OpenFiles> allowed() {
        try (Stream<String> lines = Files.lines(LIMITS)) {
            return of(lines.toList());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// @param limits the lines of `/proc/PID/limits`
    static Optional<OpenFiles> of(List<String> limits) {
        return limits.stream()
                .map(SOFT::matcher)
                .filter(matcher -> matcher.matches() && matcher.group(1).length() < 19)
                .map(matcher -> new OpenFiles(Long.parseLong(matcher.group(1))))
                .findFirst();
    }

    /// How many are left for devices.
    long left() {
        return Math.max(0, limit - OWN);
    }

    /// Refuses devices whose sockets alone are too many; warns where only their clients are.
    ///
    /// @throws CommandException if there is no room for a socket each
    void check(int devices, PrintWriter err) {
        long listening = (long) devices + OWN;
        long connected = 2L * devices + OWN;
        if (listening > limit) {
            throw new CommandException(
                    "open files: %d (expected: at least %d for %d devices, %d with clients on all"
                                    .formatted(limit, listening, devices, connected)
                            + "; raise the hard limit, nofile: ulimit -Hn)");
        }
        if (connected > limit) {
            err.println(
                    "vfio-user: open files: %d (expected: at least %d for clients on all %d devices"
                                    .formatted(limit, connected, devices)
                            + "; raise the hard limit, nofile: ulimit -Hn)");
        }
    }
}
