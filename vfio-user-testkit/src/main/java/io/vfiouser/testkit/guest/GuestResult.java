package io.vfiouser.testkit.guest;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// How a guest's script ended.
///
/// @param name the guest's name
/// @param status the script's exit status, 0 to 123, or 125 if QEMU ended first and 124 for a
///   timeout, where the test allows that
/// @param console every line of the console, with the rig's own remarks (`[rig] ...`) in between
/// @param duration from the start of QEMU until it ended
/// @param log the file with the same lines
public record GuestResult(
        String name, int status, List<String> console, Duration duration, Path log) {
    private static final int TAIL = 80;

    public GuestResult {
        console = List.copyOf(console);
    }

    /// The console's lines that begin with `prefix`.
    public List<String> lines(String prefix) {
        return console.stream().filter(line -> line.startsWith(prefix)).toList();
    }

    /// This result, if the script ended with 0.
    ///
    /// @throws AssertionError with the console's last 80 lines if it ended otherwise
    public GuestResult requireSuccess() {
        if (status != 0) {
            throw failure("status: " + status + " (expected: 0)");
        }
        return this;
    }

    /// An error that says `what`, with the console's last lines.
    AssertionError failure(String what) {
        int from = Math.max(0, console.size() - TAIL);
        return new AssertionError(
                "guest %s, after %d ms: %s; the last lines of %s:%n    %s"
                        .formatted(
                                name,
                                duration.toMillis(),
                                what,
                                log,
                                String.join("\n    ", console.subList(from, console.size()))));
    }
}
