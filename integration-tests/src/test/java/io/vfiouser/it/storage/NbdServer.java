package io.vfiouser.it.storage;

import io.vfiouser.testkit.guest.GuestRig;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// An NBD server that others wrote, in a process of its own. Closing kills it with SIGKILL.
public final class NbdServer implements AutoCloseable {
    private static final int START_SECONDS = 20;

    private final Process process;
    private final String uri;

    private NbdServer(Process process, String uri) {
        this.process = process;
        this.uri = uri;
    }

    /// Starts a server and waits until it serves.
    ///
    /// @param ready whether it does; asked again and again
    /// @param log gets what it prints
    /// @throws AssertionError if it ends or does not serve in time; with what it printed
    static NbdServer start(List<String> command, BooleanSupplier ready, Path log, String uri)
            throws IOException, InterruptedException {
        File file = log.toFile();
        Process process =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(file).start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!ready.getAsBoolean()) {
            if (process.waitFor(10, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                process.destroyForcibly();
                throw new AssertionError(command + ": " + Files.readString(log));
            }
        }
        return new NbdServer(process, uri);
    }

    /// A script of the rig.
    static String script(String name) {
        return GuestRig.orFail().script(name).toString();
    }

    /// Where it serves.
    public String uri() {
        return uri;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
