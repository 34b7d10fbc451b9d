package io.vfiouser.it.guest;

import io.vfiouser.testkit.process.LineLog;
import io.vfiouser.testkit.process.ProcessTree;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server in a process of its own, as a user starts it: `vfio-user serve ...`.
///
/// It has said `ready pid=PID devices=N` when [#start(List, Duration)] returns, and must end with
/// status 0 on the SIGTERM of [#close()]. May be used by one thread at a time.
public final class ServedProcess implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("ready pid=(\\d+) devices=(\\d+)");
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(20);
    private static final int TAIL = 80;
    private static final int STATUS_OF_SIGKILL = 137;

    private final Process process;
    private final LineLog output;
    private final LineLog errors;
    private final Ready ready;
    private volatile boolean killed;

    private ServedProcess(Process process, LineLog output, LineLog errors, Ready ready) {
        this.process = process;
        this.output = output;
        this.errors = errors;
        this.ready = ready;
    }

    /// What the server said of itself once all its sockets listened.
    ///
    /// @param pid its process id
    /// @param devices how many devices it serves
    public record Ready(long pid, int devices) {}

    /// Starts `command` and waits until it is ready.
    ///
    /// @throws AssertionError if it ends or `timeout` passes before; with what it printed
    public static ServedProcess start(List<String> command, Duration timeout)
            throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(command).redirectInput(Path.of("/dev/null").toFile()).start();
        var ready = new CompletableFuture<Ready>();
        var output =
                LineLog.follow(
                        process.getInputStream(),
                        line -> {
                            Matcher matcher = READY.matcher(line);
                            if (matcher.matches()) {
                                long pid = Long.parseLong(matcher.group(1));
                                ready.complete(new Ready(pid, Integer.parseInt(matcher.group(2))));
                            }
                        });
        var errors = LineLog.follow(process.getErrorStream(), _ -> {});
        String failure;
        try {
            Object first =
                    CompletableFuture.anyOf(ready, process.onExit())
                            .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (first instanceof Ready said) {
                return new ServedProcess(process, output, errors, said);
            }
            failure = "ended with status " + process.exitValue() + " before it was ready";
        } catch (TimeoutException _) {
            failure = "not ready within " + timeout;
        } catch (ExecutionException e) {
            throw new AssertionError("neither future is ever completed exceptionally", e);
        } catch (InterruptedException e) {
            ProcessTree.kill(process);
            throw e;
        }
        ProcessTree.kill(process);
        output.awaitEnd(STOP_PATIENCE);
        errors.awaitEnd(STOP_PATIENCE);
        throw new AssertionError(
                report(String.join(" ", command) + ": " + failure, output, errors));
    }

    /// What the server said when it was ready.
    public Ready ready() {
        return ready;
    }

    /// The lines on its standard output so far.
    public List<String> outputLines() {
        return output.lines();
    }

    /// The lines on its standard error so far.
    public List<String> errorLines() {
        return errors.lines();
    }

    /// Sends SIGKILL. [#close()] then expects that end.
    public void kill() {
        killed = true;
        process.toHandle().destroyForcibly();
    }

    /// Waits until it has ended by itself, which [#close()] then finds.
    ///
    /// @throws AssertionError if it does not within 20 seconds
    public void awaitEnd() throws InterruptedException {
        if (!process.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError(
                    report("server: running (expected: ended by itself)", output, errors));
        }
    }

    /// Sends SIGTERM and waits for the end.
    ///
    /// @throws AssertionError if it does not end within 20 seconds, or not with 0; with what it
    ///   printed
    @Override
    public void close() {
        // Not process.destroy(), which also closes the streams under their readers.
        process.toHandle().destroy();
        try {
            if (!process.waitFor(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(
                        report("server: running (expected: ended by SIGTERM)", output, errors));
            }
            output.awaitEnd(STOP_PATIENCE);
            errors.awaitEnd(STOP_PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("server: interrupted while it was stopped", e);
        } catch (IOException e) {
            throw new AssertionError(report("server: " + e.getMessage(), output, errors), e);
        } finally {
            ProcessTree.kill(process);
        }
        if (process.exitValue() != (killed ? STATUS_OF_SIGKILL : 0)) {
            throw new AssertionError(
                    report(
                            "server: status " + process.exitValue() + " (expected: 0 on SIGTERM)",
                            output,
                            errors));
        }
    }

    private static String report(String what, LineLog output, LineLog errors) {
        return "%s%nstandard output:%n%s%nstandard error:%n%s"
                .formatted(what, output.tail(TAIL), errors.tail(TAIL));
    }
}
