package io.vfiouser.devices.nvme.engine;

import io.vfiouser.device.outcome.Completion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
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

    /// Calls `then` when just so many commands are at work, at the end of a turn.
    ///
    /// @param count asked each time
    void whenOnly(IntSupplier count, Runnable then) {
        alone = true;
        waiters.add(new Waiter(() -> inFlight == count.getAsInt(), then));
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

    /// Calls `then` when something has come about; at once if it has.
    void when(BooleanSupplier due, Runnable then) {
        if (due.getAsBoolean()) {
            then.run();
        } else {
            waiters.add(new Waiter(due, then));
        }
    }

    private record Waiter(BooleanSupplier due, Runnable then) {}
}
