package io.vfiouser.server.dispatch;

import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ServerReply;
import java.util.concurrent.CompletionStage;

/// What a handler makes of a request; a refusal is thrown instead.
public sealed interface Answer {
    /// A reply without body, now.
    Answer EMPTY = new Now(EmptyReply.INSTANCE, FdBundle.empty());

    /// A reply without descriptors, now.
    static Answer now(ServerReply reply) {
        return new Now(reply, FdBundle.empty());
    }

    /// The reply is there.
    ///
    /// @param reply what to send
    /// @param descriptors what to attach; ours until it is sent
    record Now(ServerReply reply, FdBundle descriptors) implements Answer {}

    /// The reply comes when the stage completes; an error is mapped as if it had been thrown.
    ///
    /// @param stage completes on any thread
    record Later(CompletionStage<? extends ServerReply> stage) implements Answer {}
}
