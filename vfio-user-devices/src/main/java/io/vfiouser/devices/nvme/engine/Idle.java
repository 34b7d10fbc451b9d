package io.vfiouser.devices.nvme.engine;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Counts the commands at work, and tells those who wait for fewer of them.
final class Idle {
    private final List<Waiter> waiters = new ArrayList<>(0);
    private int inFlight;
    private boolean alone;

    int inFlight() {
        return inFlight;
    }

    void begin() {
        inFlight++;
    }

    void end() {
        inFlight--;
    }

    /// Whether a pair of commands has the controller for itself, or waits for it.
    boolean isAlone() {
        return alone;
    }

    void endAlone() {
        alone = false;
    }

    /// Calls `then` when nothing is at work; at once if that is so.
    void whenIdle(Runnable then) {
        when(() -> inFlight == 0, then);
    }

    /// Calls `then` when nothing of a queue is at work; at once if that is so.
    void whenEmpty(SubmissionQueue queue, Runnable then) {
        when(() -> queue.inFlight() == 0, then);
    }

    /// Calls `then` when just `count` commands are at work, at the end of a turn.
    void whenOnly(int count, Runnable then) {
        alone = true;
        waiters.add(new Waiter(() -> inFlight == count, then));
    }

    /// Done, after `release`, when nothing is at work.
    Completion quiet(Runnable release) {
        if (inFlight == 0) {
            release.run();
            return Completion.DONE;
        }
        var quiet = new CompletableFuture<@Nullable Void>();
        whenIdle(() -> {
            release.run();
            quiet.complete(null);
        });
        return Completion.after(quiet);
    }

    /// Tells those whose time has come. Not within a turn: they may do anything.
    void tell() {
        if (waiters.isEmpty()) {
            return;
        }
        for (Waiter waiter : List.copyOf(waiters)) {
            if (waiter.due().getAsBoolean() && waiters.remove(waiter)) {
                waiter.then().run();
            }
        }
    }

    private void when(BooleanSupplier due, Runnable then) {
        if (due.getAsBoolean()) {
            then.run();
        } else {
            waiters.add(new Waiter(due, then));
        }
    }

    private record Waiter(BooleanSupplier due, Runnable then) {}
}
