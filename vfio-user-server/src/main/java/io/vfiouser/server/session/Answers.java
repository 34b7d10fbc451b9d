package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.ServerReply;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.dispatch.ErrorMapper;
import io.vfiouser.server.dispatch.Fault;

/// What the commands of one session are answered: replies, or what a failure means to the client.
/// Belongs to the loop.
final class Answers {
    private final DeviceHost host;
    private final Session session;
    private final ServerDialect dialect;
    private final Replies replies;
    private int errorPadding;

    Answers(DeviceHost host, Session session, Replies replies) {
        this.host = host;
        this.session = session;
        this.dialect = host.dialect();
        this.replies = replies;
    }

    /// Bytes of a body that an error reply to the next command has, see [ErrorPadding].
    void padErrors(int bytes) {
        errorPadding = bytes;
    }

    /// Sends a reply, which is released, as descriptors are closed, whatever happens.
    void reply(int messageId, int command, ServerReply reply, FdBundle attached) {
        if (attached.isEmpty()) {
            encode(replies.room(WireFormat.HEADER_SIZE), messageId, command, reply);
            return;
        }
        ByteBuf message = session.buffer(WireFormat.HEADER_SIZE);
        try {
            encode(message, messageId, command, reply);
        } catch (Throwable thrown) {
            message.release();
            attached.close();
            throw thrown;
        }
        replies.message(message, attached);
    }

    /// Appends a whole reply, or nothing if that fails.
    private void encode(ByteBuf out, int messageId, int command, ServerReply reply) {
        int start = out.writerIndex();
        try {
            dialect.encode(out, messageId, command, reply);
        } catch (Throwable thrown) {
            out.writerIndex(start);
            throw thrown;
        } finally {
            ReferenceCountUtil.release(reply);
        }
    }

    /// Answers with what `thrown` means, if the client wants an answer and is still there.
    void refuse(int messageId, int command, boolean noReply, Throwable thrown) {
        Fault fault = ErrorMapper.map(thrown);
        Errno errno;
        switch (fault) {
            case Fault.Reject reject -> {
                errno = reject.errno();
                host.events().refused(session, messageId, command, errno, reject.message());
            }
            case Fault.Internal internal -> {
                errno = Errno.EIO;
                host.code().deviceFailed(dialect.commandName(command), internal.cause());
                host.events().refused(session, messageId, command, errno, internal.message());
            }
            case Fault.CloseSession closes -> {
                session.end(closes.message());
                return;
            }
        }
        if (!noReply && !session.isEnded()) {
            replies.error(messageId, command, errno, errorPadding);
        }
    }
}
