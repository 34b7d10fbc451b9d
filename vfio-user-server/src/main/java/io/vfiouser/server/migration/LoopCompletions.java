package io.vfiouser.server.migration;

import io.vfiouser.device.outcome.Completion;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Runs calls of a device that may finish on any thread, and goes on on its loop.
final class LoopCompletions {
    private final Executor loop;

    LoopCompletions(Executor loop) {
        this.loop = loop;
    }

    /// Runs one call of the device.
    ///
    /// @param onFailure told on the loop what the call throws or completes with, before whoever
    ///   waits for the returned completion
    /// @return done on the loop
    Completion run(Supplier<Completion> deviceCall, Consumer<Throwable> onFailure) {
        Completion completion;
        try {
            completion = deviceCall.get();
        } catch (Throwable thrown) {
            onFailure.accept(thrown);
            throw thrown;
        }
        return switch (completion) {
            case Completion.Done _ -> completion;
            case Completion.Pending(var stage) -> {
                var onLoop = new CompletableFuture<@Nullable Void>();
                stage.whenComplete(
                        (_, error) -> loop.execute(() -> finish(onLoop, error, onFailure)));
                yield Completion.after(onLoop);
            }
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

    private static void finish(
            CompletableFuture<@Nullable Void> onLoop,
            @Nullable Throwable error,
            Consumer<Throwable> onFailure) {
        if (error == null) {
            onLoop.complete(null);
            return;
        }
        Throwable cause = unwrap(error);
        onFailure.accept(cause);
        onLoop.completeExceptionally(cause);
    }

    private static Throwable unwrap(Throwable error) {
        Throwable cause = error.getCause();
        return error instanceof CompletionException && cause != null ? cause : error;
    }
}
