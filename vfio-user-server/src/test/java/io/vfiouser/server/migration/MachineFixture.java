package io.vfiouser.server.migration;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.protocol.MigrationState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// A machine over a [RecordingDevice], and a loop that runs when it is told to.
final class MachineFixture implements MigrationListener {
    final RecordingDevice device = new RecordingDevice();
    final List<MigrationState> states = new ArrayList<>();
    final List<String> reports = new ArrayList<>();
    final ArrayDeque<Runnable> loop = new ArrayDeque<>();
    final MigrationMachine machine = new MigrationMachine(device, this::onLoop, this);

    /// Takes the device to a state and forgets how.
    MachineFixture in(MigrationState state) {
        if (state == MigrationState.ERROR) {
            device.fail("stop", new IllegalStateException("stuck"));
            failure(() -> machine.change(MigrationState.STOP));
            device.heal();
        } else {
            machine.change(state);
        }
        forget();
        return this;
    }

    void forget() {
        device.takeCalls();
        states.clear();
        reports.clear();
    }

    /// Ends late calls and runs the loop until nothing is left to do.
    void settle() {
        while (!loop.isEmpty() || device.endNext()) {
            Runnable task = loop.poll();
            if (task != null) {
                task.run();
            }
        }
    }

    /// What a request ends with, whether it is thrown or completes late.
    Throwable failure(Request request) {
        Completion completion;
        try {
            completion = request.run();
        } catch (Throwable thrown) {
            return thrown;
        }
        settle();
        try {
            completion.stage().toCompletableFuture().join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            return cause == null ? e : cause;
        }
        throw new AssertionError("request: done (expected: a failure)");
    }

    /// Runs a request to its end, which must be a good one.
    void complete(Request request) {
        Completion completion = request.run();
        settle();
        completion.stage().toCompletableFuture().join();
    }

    Completion onLoop(Completion completion) {
        if (!(completion instanceof Completion.Pending(var stage))) {
            return completion;
        }
        var done = new CompletableFuture<@Nullable Void>();
        stage.whenComplete((_, error) ->
                loop.add(() -> {
                    if (error == null) {
                        done.complete(null);
                    } else {
                        done.completeExceptionally(error);
                    }
                }));
        return Completion.after(done);
    }

    @Override
    public void stateChanged(MigrationState from, MigrationState to) {
        states.add(to);
    }

    @Override
    public void deviceFailed(String where, Throwable cause) {
        reports.add(where + ": " + cause.getMessage());
    }

    interface Request {
        Completion run();
    }
}
