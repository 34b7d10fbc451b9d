package io.vfiouser.server.migration;

import io.vfiouser.device.outcome.Completion;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// Runs calls of a device, and tells how they end.
final class LoopCompletions {
    private final UnaryOperator<Completion> onLoop;

    /// @param onLoop gives a completion that is done on the device's loop when its argument is done
    LoopCompletions(UnaryOperator<Completion> onLoop) {
        this.onLoop = onLoop;
    }

    /// Runs one call of the device.
    ///
    /// @param onFailure told on the loop what the call throws or completes with, before whoever
    ///   waits for the returned completion
    /// @return done on the loop
    Completion run(Supplier<Completion> deviceCall, Consumer<Throwable> onFailure) {
        Completion completion;
        try {
            completion = onLoop.apply(deviceCall.get());
        } catch (Throwable thrown) {
            onFailure.accept(thrown);
            throw thrown;
        }
        return switch (completion) {
            case Completion.Done _ -> completion;
            case Completion.Pending(var stage) ->
                    Completion.after(
                            stage.whenComplete((_, error) -> {
                                if (error != null) {
                                    onFailure.accept(unwrap(error));
                                }
                            }));
        };
    }

    /// Runs one call of the device, and then `next` however it ends.
    Completion runBefore(
            Supplier<Completion> next,
            Supplier<Completion> deviceCall,
            Consumer<Throwable> onFailure) {
        Completion completion;
        try {
            completion = run(deviceCall, onFailure);
        } catch (Throwable _) {
            completion = Completion.DONE; // onFailure knows
        }
        return switch (completion) {
            case Completion.Done _ -> next.get();
            case Completion.Pending(var stage) ->
                    Completion.after(stage.handle((_, _) -> true)).then(next);
        };
    }

    private static Throwable unwrap(Throwable error) {
        Throwable cause = error.getCause();
        return error instanceof CompletionException && cause != null ? cause : error;
    }
}
