package io.vfiouser.cli;

import io.vfiouser.server.ServeException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Ends the process in order, with status 0, on SIGTERM, SIGINT and SIGHUP.
///
/// The JVM runs shutdown hooks on these signals and then ends with 128 + the signal's number. A
/// hook that closes and then halts with 0 is the one way around it without JDK-internal API. It is
/// taken out again by [#close()], so an end without a signal keeps its own status.
final class OrderlyEnd implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Thread hook;

    private OrderlyEnd(Thread hook) {
        this.hook = hook;
    }

    /// From now on a signal runs `work` and ends the process: with 0, or with 1 if that threw or
    /// took longer than `grace` and 10 seconds.
    ///
    /// @param err is told what went wrong
    static OrderlyEnd bySignal(Runnable work, Duration grace, PrintWriter err) {
        Duration patience = grace.plus(PATIENCE);
        var hook =
                new Thread(
                        () -> Runtime.getRuntime().halt(finish(work, patience, err)),
                        "orderly-end");
        Runtime.getRuntime().addShutdownHook(hook);
        return new OrderlyEnd(hook);
    }

    private static int finish(Runnable work, Duration patience, PrintWriter err) {
        try {
            CompletableFuture.runAsync(work).get(patience.toMillis(), TimeUnit.MILLISECONDS);
            return 0;
        } catch (TimeoutException e) {
            err.println(
                    "vfio-user: shutdown: still running (expected: done within %d s)"
                            .formatted(patience.toSeconds()));
        } catch (ExecutionException e) {
            err.println("vfio-user: shutdown: " + reason(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 1;
    }

    private static String reason(ExecutionException e) {
        return e.getCause() instanceof ServeException known
                ? String.valueOf(known.getMessage())
                : String.valueOf(e.getCause());
    }

    /// Signals do what they did before.
    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException _) {
            // A signal has come: the hook is at work, and ends the process when it is done.
        }
    }
}
