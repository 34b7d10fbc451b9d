package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.vfiouser.client.memory.DmaCall;
import io.vfiouser.client.memory.DmaDialect;
import io.vfiouser.codec.LegacyEncoder;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.BulkMessage;
import io.vfiouser.protocol.ClientReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.ServerRequest;

/// A command of the server on its way through the responder.
final class ServerCall implements DmaCall {
    private final ReplyPath path;
    private final DmaDialect dialect;
    private final ServerRequest request;
    private final int messageId;
    private final boolean noReply;

    ServerCall(
            ReplyPath path,
            DmaDialect dialect,
            ServerRequest request,
            int messageId,
            boolean noReply) {
        this.path = path;
        this.dialect = dialect;
        this.request = request;
        this.messageId = messageId;
        this.noReply = noReply;
    }

    @Override
    public ServerRequest request() {
        return request;
    }

    @Override
    public int messageId() {
        return messageId;
    }

    @Override
    public boolean noReply() {
        return noReply;
    }

    @Override
    public void reply(ClientReply reply) {
        try {
            if (noReply) {
                return;
            }
            ByteBuf out = path.buffer();
            if (dialect == DmaDialect.NARROW) {
                NarrowDialect.encode(out, messageId, request.commandId(), reply);
            } else if (dialect == DmaDialect.LEGACY) {
                LegacyEncoder.encode(out, messageId, reply);
            } else {
                MessageEncoder.encode(out, messageId, request.commandId(), reply);
            }
            path.send(out);
        } finally {
            if (reply instanceof BulkMessage bulk) {
                bulk.release();
            }
        }
    }

    @Override
    public void refuse(Errno errno) {
        reply(new ErrorReply(errno));
    }

    @Override
    public void replyRaw(ByteBuf message) {
        path.send(message);
    }

    /// Such as `DmaRead[address=4096, count=8] id=0x1`.
    @Override
    public String toString() {
        return request + " id=0x" + Integer.toHexString(messageId);
    }
}
