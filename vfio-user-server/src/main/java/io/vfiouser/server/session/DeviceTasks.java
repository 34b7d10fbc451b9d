package io.vfiouser.server.session;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.server.loop.DeviceLoop;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Brings the ends of completions back to the loop.
final class DeviceTasks {
    private DeviceTasks() {}

    /// Calls `next` on the loop when `completion` is done: at once if it is done already.
    ///
    /// @param next takes the error, or null
    static void then(DeviceLoop loop, Completion completion, Consumer<@Nullable Throwable> next) {
        switch (completion) {
            case Completion.Done _ -> next.accept(null);
            case Completion.Pending(var stage) ->
                    stage.whenComplete((_, error) -> loop.runOrExecute(() -> next.accept(error)));
        }
    }

    /// A completion that is done on the loop when `completion` is.
    static Completion onLoop(DeviceLoop loop, Completion completion) {
        if (completion instanceof Completion.Done) {
            return completion;
        }
        var done = new CompletableFuture<@Nullable Void>();
        then(
                loop,
                completion,
                error -> {
                    if (error == null) {
                        done.complete(null);
                    } else {
                        done.completeExceptionally(error);
                    }
                });
        return Completion.after(done);
    }
}
