package io.vfiouser.device.outcome;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// When a callback's work is done: now ([#DONE]), or when a stage completes ([#after]).
///
/// The reply to the client is sent when the completion is done. A stage that completes with a
/// [DeviceException] gives the client its errno, any other throwable counts as `EIO`. While a
/// completion is pending, later commands of the same client wait in order and other devices go on.
/// The stage may complete on any thread; the server goes on on the device's loop.
public sealed interface Completion {
    /// Done already; the common case, and free.
    @SuppressWarnings("ClassInitializationDeadlock") // nothing else makes a Done
    Completion DONE = new Done();

    /// Done when `stage` is, with the error that it completes with if any.
    static Completion after(CompletionStage<?> stage) {
        return new Pending(Objects.requireNonNull(stage, "stage"));
    }

    /// Does `work`; what it throws becomes the error that the completion is done with. For work
    /// that no request waits for, before [#recover].
    static Completion attempt(Supplier<Completion> work) {
        try {
            return work.get();
        } catch (Throwable thrown) { // also the InternalError of memory that the client cut short
            return after(CompletableFuture.failedStage(thrown));
        }
    }

    /// Done when this one is, and then without an error: `handler` takes it, if there is one.
    ///
    /// @param handler given the error without the wrapping that stages add; runs on the thread that
    ///   completes this one
    default Completion recover(Consumer<Throwable> handler) {
        return switch (this) {
            case Done done -> done;
            case Pending(var stage) ->
                    after(
                            stage.handle((_, error) -> {
                                if (error != null) {
                                    handler.accept(unwrap(error));
                                }
                                return true;
                            }));
        };
    }

    /// Goes on with `next` when this one is done without an error; at once if it is done already.
    ///
    /// @param next runs on the thread that completes this one
    default Completion then(Supplier<Completion> next) {
        return switch (this) {
            case Done _ -> next.get();
            case Pending(var stage) -> after(stage.thenCompose(_ -> next.get().stage()));
        };
    }

    /// This completion as a stage, for composing; complete already if it is done.
    CompletionStage<?> stage();

    private static Throwable unwrap(Throwable error) {
        Throwable cause = error;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /// The work is done.
    record Done() implements Completion {
        @Override
        public CompletionStage<?> stage() {
            return CompletableFuture.completedStage(null);
        }
    }

    /// The work is done when `stage` completes.
    ///
    /// @param stage completes normally, or with the error to report
    record Pending(CompletionStage<?> stage) implements Completion {}
}
