package io.vfiouser.client;

import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.ClientRequest;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/// A command whose reply may turn out larger than room was announced for, so that it is asked once
/// more with the `argsz` that the server names.
final class SizedQuery<T> {
    /// Most that is asked for, the limit of the reference server too.
    private static final long MAX_ARGSZ = 1 << 20;

    private final ClientSession session;
    private final Duration timeout;
    private final LongFunction<ClientRequest> request;
    private final ReplyReader<Step<T>> reader;
    private final Consumer<T> discard;
    private final CompletableFuture<T> result = new CompletableFuture<>();

    /// A query.
    ///
    /// @param request makes the command for an `argsz`
    /// @param reader reads a reply
    /// @param discard frees a result that nobody waits for
    SizedQuery(
            ClientSession session,
            Duration timeout,
            LongFunction<ClientRequest> request,
            ReplyReader<Step<T>> reader,
            Consumer<T> discard) {
        this.session = session;
        this.timeout = timeout;
        this.request = request;
        this.reader = reader;
        this.discard = discard;
    }

    /// Asks, first with room for `argsz` bytes.
    CompletableFuture<T> start(long argsz) {
        ask(argsz, true);
        return result;
    }

    private void ask(long argsz, boolean first) {
        ClientRequest command = request.apply(argsz);
        var _ =
                session.call(command, FdBundle.empty(), timeout, reader)
                        .whenComplete((step, failure) -> {
                            if (failure != null) {
                                result.completeExceptionally(failure);
                                return;
                            }
                            switch (step) {
                                case Step.Done<T>(T value) -> {
                                    if (!result.complete(value)) {
                                        discard.accept(value);
                                    }
                                }
                                case Step.Again<T>(long needed) ->
                                        askAgain(command.commandId(), argsz, needed, first);
                            }
                        });
    }

    private void askAgain(int commandId, long argsz, long needed, boolean first) {
        if (first && needed > argsz && needed <= MAX_ARGSZ) {
            ask(needed, false);
            return;
        }
        result.completeExceptionally(
                new MalformedReplyException(
                        CommandNames.name(commandId)
                                + ": argsz "
                                + needed
                                + " in the reply to argsz "
                                + argsz
                                + " (expected: "
                                + (first
                                        ? "at most " + MAX_ARGSZ
                                        : "the whole reply the second time")
                                + ")"));
    }

    /// What one answer means.
    sealed interface Step<T> {
        /// This is all.
        record Done<T>(T value) implements Step<T> {}

        /// All needs that much room.
        record Again<T>(long argsz) implements Step<T> {}
    }
}
