package io.vfiouser.benchmarks.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A server process, from its start to its end.
final class RunningServer implements AutoCloseable {
    private static final long START_SECONDS = 120;

    private final String name;
    private final Process process;
    private final Path directory;
    private final String pattern;
    private final long readyNanos;

    private RunningServer(
            String name, Process process, Path directory, String pattern, long readyNanos) {
        this.name = name;
        this.process = process;
        this.directory = directory;
        this.pattern = pattern;
        this.readyNanos = readyNanos;
    }

    /// Starts a server on a CPU and waits until its last socket is there.
    ///
    /// @return the server, or nothing if it cannot be run in this mode
    static Optional<RunningServer> start(Machine machine, Peer peer, Mode mode, int count)
            throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory("vfio-user-compare");
        String pattern = directory + (mode == Mode.MANY ? "/%d.sock" : "/0.sock");
        var command = peer.command(mode, pattern, count);
        if (command.isEmpty()) {
            Files.delete(directory);
            return Optional.empty();
        }
        long began = System.nanoTime();
        Process process =
                new ProcessBuilder(Machine.pinned(machine.serverCpu(), command.get()))
                        .redirectError(Redirect.INHERIT)
                        .start();
        long ready = awaitReady(process, directory.resolve((count - 1) + ".sock")) - began;
        return Optional.of(new RunningServer(peer.name(), process, directory, pattern, ready));
    }

    /// A line on standard output tells it, or else the socket's file.
    private static long awaitReady(Process process, Path last)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        BufferedReader out = process.inputReader();
        while (process.isAlive() && System.nanoTime() < end) {
            if (out.ready()) {
                out.readLine();
                return System.nanoTime();
            }
            if (Files.exists(last) && !saysReady(process)) {
                return System.nanoTime();
            }
            TimeUnit.MICROSECONDS.sleep(500);
        }
        process.destroyForcibly();
        throw new IOException(last + ": not there (expected: a server that listens)");
    }

    /// Gives a server that prints a line the time for it.
    private static boolean saysReady(Process process) throws IOException, InterruptedException {
        for (int i = 0; i < 200 && !process.inputReader().ready(); i++) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        return process.inputReader().ready();
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    /// The path of its socket, with `%d` where it has many.
    String pattern() {
        return pattern;
    }

    /// The path of one of its sockets.
    String socket(int index) {
        return pattern.replace("%d", Integer.toString(index));
    }

    /// From the start of the process until it listened.
    long readyNanos() {
        return readyNanos;
    }

    /// Stops it, so that it takes nothing from the one that is measured.
    void pause() throws IOException, InterruptedException {
        signal("-STOP");
    }

    void resume() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", name, Long.toString(pid())).inheritIO().start().waitFor();
    }

    @Override
    public void close() throws IOException {
        try {
            resume();
            process.destroy();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
        }
        Files.delete(directory);
    }
}
