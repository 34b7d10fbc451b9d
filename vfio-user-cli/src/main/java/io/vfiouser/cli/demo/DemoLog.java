package io.vfiouser.cli.demo;

import io.vfiouser.cli.failure.CommandException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/// Prints what a device did, and stops the demo where that is wrong.
public final class DemoLog {
    private final String device;
    private final PrintWriter out;

    /// Makes a log.
    ///
    /// @param device for error messages
    public DemoLog(String device, PrintWriter out) {
        this.device = device;
        this.out = out;
    }

    /// One thing that was done, and what came of it.
    void step(String what, String result) {
        out.println("    %-12s  %s".formatted(what, result));
    }

    /// Goes on only if `actual` is right.
    ///
    /// @throws CommandException if it is not
    void expect(String what, long expected, long actual) {
        if (actual != expected) {
            throw new CommandException(
                    "demo: %s: %s: 0x%x (expected: 0x%x)"
                            .formatted(device, what, actual, expected));
        }
    }

    /// Milliseconds or microseconds since `startNanos`, whichever reads better.
    static String since(long startNanos) {
        return time(System.nanoTime() - startNanos);
    }

    static String time(long nanos) {
        return nanos < Duration.ofMillis(1).toNanos()
                ? String.format(Locale.ROOT, "%d us", nanos / 1_000)
                : String.format(Locale.ROOT, "%.1f ms", nanos / 1e6);
    }
}
