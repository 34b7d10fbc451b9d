package io.vfiouser.testkit.guest;

import io.vfiouser.testkit.process.LineLog;
import io.vfiouser.testkit.process.ProcessTree;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;

/// What guests run on: QEMU with its `vfio-user-pci` client, a kernel, busybox and tools, all from
/// Debian packages in a cache of the user's, and the scripts that put them together
/// (docs/guests.md). Needs a Debian-like machine of amd64; not root.
///
/// Which of the factories is used says what becomes of a test on a machine where the cache is not
/// filled.
public final class GuestRig {
    private static final Duration FETCH_TIMEOUT = Duration.ofMinutes(15);
    private static final Duration OUTPUT_PATIENCE = Duration.ofSeconds(10);
    private static final int TAIL = 40;
    private static final String SET_UP = "setup-qemu.sh";

    private enum Missing {
        FETCHED,
        SKIPS,
        FAILS
    }

    private final Missing missing;
    private final Supplier<Path> scripts;

    private GuestRig(Missing missing, Supplier<Path> scripts) {
        this.missing = missing;
        this.scripts = scripts;
    }

    /// What is missing is got from Debian's mirror before the first guest boots: some 150 MB, a
    /// quarter of a minute. It is there for all later tests.
    public static GuestRig fetched() {
        return new GuestRig(Missing.FETCHED, RigScripts::unpacked);
    }

    /// A test whose guest cannot run is skipped, by JUnit's `TestAbortedException`, which says what
    /// is missing.
    public static GuestRig orSkip() {
        return new GuestRig(Missing.SKIPS, RigScripts::unpacked);
    }

    /// A test whose guest cannot run fails, with what is missing and how to get it.
    public static GuestRig orFail() {
        return new GuestRig(Missing.FAILS, RigScripts::unpacked);
    }

    /// The same with stand-ins for the scripts.
    GuestRig withScripts(Path directory) {
        return new GuestRig(missing, () -> directory);
    }

    /// One of the rig's scripts as a file that can be run: `run-guest.sh`, or `guest/pci-list.sh`.
    ///
    /// @throws java.io.UncheckedIOException if the cache cannot be written to
    public Path script(String name) {
        return scripts.get().resolve(name);
    }

    /// Sees to it that guests can run.
    ///
    /// @param tools whether they need more than QEMU, a kernel and busybox
    /// @throws AssertionError if they cannot, by choice or because Debian's packages cannot be got
    void prepare(boolean tools) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(script(SET_UP).toString());
        if (tools) {
            command.add("--tools");
        }
        if (missing != Missing.FETCHED) {
            command.add("--check");
        }
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .start();
        try {
            LineLog output = LineLog.follow(process.getInputStream(), _ -> {});
            boolean ended = process.waitFor(FETCH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            ProcessTree.kill(process);
            output.awaitEnd(OUTPUT_PATIENCE);
            if (!ended || process.exitValue() != 0) {
                cannotRun(command, output);
            }
        } finally {
            ProcessTree.kill(process);
        }
    }

    private void cannotRun(List<String> command, LineLog output) {
        String what =
                "guests: cannot run here (expected: %s done once):%n%s"
                        .formatted(
                                String.join(" ", command.stream().limit(2).toList())
                                        .replace(" --check", ""),
                                output.tail(TAIL));
        if (missing == Missing.SKIPS) {
            Assumptions.abort(what);
        }
        throw new AssertionError(what);
    }
}
