package io.vfiouser.client;

import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.ServerReply;

/// Tells the reply that was hoped for from a refusal and from nonsense.
final class ReplyCheck {
    private ReplyCheck() {}

    /// The reply as what it must be.
    ///
    /// @throws RemoteErrorException if it is an error reply
    /// @throws MalformedReplyException if it is any other kind
    static <R extends ServerReply> R expect(Class<R> kind, int commandId, ServerReply reply) {
        if (kind.isInstance(reply)) {
            return kind.cast(reply);
        }
        if (reply instanceof ErrorReply(var errno)) {
            throw new RemoteErrorException(errno, commandId);
        }
        throw new MalformedReplyException(
                CommandNames.name(commandId) + ": a reply without payload (expected: one with)");
    }

    /// Checks a count that the server says.
    ///
    /// @throws MalformedReplyException if it is above what was asked for
    static int expectAtMost(int asked, long count, int commandId) {
        if (count < 0 || count > asked) {
            throw new MalformedReplyException(
                    CommandNames.name(commandId)
                            + ": count "
                            + Long.toUnsignedString(count)
                            + " in the reply (expected: at most "
                            + asked
                            + ", what was asked for)");
        }
        return (int) count;
    }

    /// Checks that all was done.
    ///
    /// @throws MalformedReplyException if less was done than asked for
    static void expectAll(int asked, int count, int commandId) {
        if (count < asked) {
            throw new MalformedReplyException(
                    CommandNames.name(commandId)
                            + ": count "
                            + count
                            + " in the reply (expected: "
                            + asked
                            + ")");
        }
    }
}
