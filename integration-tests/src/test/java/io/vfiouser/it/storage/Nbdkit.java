package io.vfiouser.it.storage;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The rig's nbdkit, serving a file on a UNIX socket. Closing kills it with SIGKILL.
public final class Nbdkit implements AutoCloseable {
    private static final Path SCRIPT = Path.of("rig", "nbdkit.sh").toAbsolutePath();
    private static final int START_SECONDS = 20;

    private final Process process;
    private final Path socket;

    private Nbdkit(Process process, Path socket) {
        this.process = process;
        this.socket = socket;
    }

    /// Serves `disk` and waits until it does.
    public static Nbdkit serve(Path disk, Path socket, String... options)
            throws IOException, InterruptedException {
        Files.deleteIfExists(socket);
        Path pid = socket.resolveSibling("nbdkit.pid");
        Files.deleteIfExists(pid);
        List<String> command = new ArrayList<>();
        command.addAll(List.of(SCRIPT.toString(), "file", "--foreground", "--exit-with-parent"));
        command.addAll(List.of("--unix", socket.toString(), "--pidfile", pid.toString()));
        command.addAll(List.of(options));
        command.add(disk.toString());
        File log = socket.resolveSibling("nbdkit.log").toFile();
        Process process =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!Files.exists(pid)) {
            if (process.waitFor(10, TimeUnit.MILLISECONDS) || System.nanoTime() > deadline) {
                process.destroyForcibly();
                throw new AssertionError("nbdkit: " + Files.readString(log.toPath()));
            }
        }
        return new Nbdkit(process, socket);
    }

    /// Where it serves.
    public String uri() {
        return "nbd+unix:///?socket=" + socket;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
