package io.vfiouser.testkit;

import io.vfiouser.device.DeviceContext.Scheduled;
import io.vfiouser.device.outcome.Completion;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The device's loop, run by hand on the test's thread, with a clock that stands until it is moved.
final class TesterLoop {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparing(Timer::due).thenComparingLong(Timer::number));
    private final Thread thread = Thread.currentThread();
    private Duration now = Duration.ZERO;
    private long timerCount;

    boolean isThisThread() {
        return thread.equals(Thread.currentThread());
    }

    void execute(Runnable task) {
        tasks.add(task);
    }

    Scheduled schedule(Duration delay, Runnable task) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("delay: " + delay + " (expected: zero or more)");
        }
        synchronized (timers) {
            var timer = new Timer(now.plus(delay), timerCount++, task);
            timers.add(timer);
            return () -> cancel(timer);
        }
    }

    int pendingTimers() {
        synchronized (timers) {
            return timers.size();
        }
    }

    boolean runNext() {
        Runnable task = tasks.poll();
        if (task != null) {
            task.run();
        }
        return task != null;
    }

    int runAll() {
        int count = 0;
        while (runNext()) {
            count++;
        }
        return count;
    }

    /// Moves the clock from timer to timer, running what each of them leads to.
    void advance(Duration by) {
        if (by.isNegative()) {
            throw new IllegalArgumentException("by: " + by + " (expected: zero or more)");
        }
        Duration end;
        synchronized (timers) {
            end = now.plus(by);
        }
        runAll();
        for (var task = nextDue(end); task != null; task = nextDue(end)) {
            task.run();
            runAll();
        }
    }

    /// Runs tasks until the completion is done, also while other threads are at work for it.
    ///
    /// @throws AssertionError if nothing happens any more
    void await(Completion completion, String what) {
        if (completion instanceof Completion.Pending(var stage)) {
            var future = new CompletableFuture<Boolean>();
            stage.whenComplete((_, error) -> {
                if (error == null) {
                    future.complete(true);
                } else {
                    future.completeExceptionally(error);
                }
                tasks.add(() -> {});
            });
            runUntilDone(future, what);
            rethrow(future);
        }
    }

    /// Forgets all tasks and timers, as when a client has gone.
    void clear() {
        tasks.clear();
        synchronized (timers) {
            timers.clear();
        }
    }

    /// What a stage completed with, without the wrapping that stages add.
    static Throwable cause(Throwable error) {
        Throwable cause = error;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    private void runUntilDone(CompletableFuture<Boolean> future, String what) {
        while (!future.isDone()) {
            try {
                Runnable task = tasks.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
                if (task == null) {
                    throw new AssertionError(
                            what
                                    + ": pending, nothing ran for "
                                    + PATIENCE.toSeconds()
                                    + " s, timers waiting for the clock: "
                                    + pendingTimers()
                                    + " (expected: done; advance(..) moves the clock)");
                }
                task.run();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw new AssertionError(what + ": interrupted (expected: done)");
            }
        }
    }

    private static void rethrow(CompletableFuture<Boolean> future) {
        if (future.isCompletedExceptionally()) {
            switch (cause(future.exceptionNow())) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                case Throwable e -> throw new CompletionException(e);
            }
        }
    }

    private void cancel(Timer timer) {
        synchronized (timers) {
            timers.remove(timer);
        }
    }

    /// Moves the clock to the next timer that is due by `end`, else to `end`.
    private @Nullable Runnable nextDue(Duration end) {
        synchronized (timers) {
            Timer first = timers.peek();
            if (first == null || first.due().compareTo(end) > 0) {
                now = end;
                return null;
            }
            timers.remove(first);
            now = first.due();
            return first.task();
        }
    }

    private record Timer(Duration due, long number, Runnable task) {}
}
