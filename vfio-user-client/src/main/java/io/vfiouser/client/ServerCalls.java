package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.client.memory.DmaDialect;
import io.vfiouser.client.memory.DmaResponder;
import io.vfiouser.codec.LegacyDecoder;
import io.vfiouser.codec.LegacyEncoder;
import io.vfiouser.codec.MessageDecoder;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaWrite;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.Reply;
import io.vfiouser.protocol.ServerRequest;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Checks the commands of the server and hands them to the responder. Used on the loop.
///
/// Refused before the responder sees them, with the errnos of QEMU: unknown commands (ENOSYS),
/// descriptors or a short message (EINVAL), more data than this client takes (E2BIG).
final class ServerCalls {
    private static final Logger LOG = LoggerFactory.getLogger(ServerCalls.class);

    private final String session;
    private final ReplyPath path;
    private final DmaResponder responder;
    private final DmaDialect dialect;
    private final int maxTransferSize;
    private final IntConsumer interrupt;

    /// Answers the commands of one stream.
    ///
    /// @param session names the session in the log
    /// @param path where the replies go
    /// @param interrupt takes interrupts that are told by messages, as only the legacy dialect does
    ServerCalls(
            String session,
            ReplyPath path,
            DmaResponder responder,
            DmaDialect dialect,
            int maxTransferSize,
            IntConsumer interrupt) {
        this.session = session;
        this.path = path;
        this.responder = responder;
        this.dialect = dialect;
        this.maxTransferSize = maxTransferSize;
        this.interrupt = interrupt;
    }

    /// Takes a whole command.
    ///
    /// @param frame borrowed
    /// @param descriptors taken over
    void handle(ByteBuf frame, FdBundle descriptors) {
        int start = frame.readerIndex();
        int messageId = MessageHeader.messageId(frame, start);
        int commandId = MessageHeader.commandId(frame, start);
        boolean noReply = MessageHeader.noReply(frame, start);
        boolean withDescriptors = !descriptors.isEmpty();
        descriptors.close();
        try {
            if (dialect == DmaDialect.LEGACY && commandId == LegacyCommand.VM_INTERRUPT.id()) {
                interrupt.accept(LegacyDecoder.interruptVector(frame));
                replyTo(messageId, commandId, noReply, EmptyReply.INSTANCE);
                return;
            }
            ServerRequest request = decode(frame, commandId, withDescriptors);
            var call = new ServerCall(path, dialect, request, messageId, noReply);
            try {
                responder.handle(call);
            } catch (RuntimeException e) {
                LOG.warn("{} dmaResponder threw; answered with EIO", session, e);
                call.refuse(Errno.EIO);
            }
        } catch (RequestRejectedException e) {
            LOG.warn(
                    "{} {} id=0x{}: {}",
                    session,
                    CommandNames.name(commandId),
                    Integer.toHexString(messageId),
                    e.getMessage());
            replyTo(messageId, commandId, noReply, new ErrorReply(e.errno()));
        }
    }

    private void replyTo(int messageId, int commandId, boolean noReply, Reply reply) {
        if (noReply) {
            return;
        }
        ByteBuf out = path.buffer();
        if (dialect == DmaDialect.LEGACY) {
            LegacyEncoder.encode(out, messageId, reply);
        } else {
            MessageEncoder.encode(out, messageId, commandId, reply);
        }
        path.send(out);
    }

    private ServerRequest decode(ByteBuf frame, int commandId, boolean withDescriptors) {
        if (dialect == DmaDialect.LEGACY) {
            return limited(LegacyDecoder.dmaRequest(frame));
        }
        if (commandId != Command.DMA_READ.id() && commandId != Command.DMA_WRITE.id()) {
            throw new RequestRejectedException(
                    Errno.ENOSYS, "command: " + commandId + " (expected: DMA_READ or DMA_WRITE)");
        }
        if (withDescriptors) {
            throw new RequestRejectedException(
                    Errno.EINVAL, "descriptors: some (expected: none from a server)");
        }
        if (dialect == DmaDialect.NARROW && commandId == Command.DMA_WRITE.id()) {
            return NarrowDialect.write(frame, maxTransferSize);
        }
        return limited(MessageDecoder.serverRequest(frame));
    }

    private ServerRequest limited(ServerRequest request) {
        return switch (request) {
            case DmaRead read -> checked(read);
            case DmaWrite write -> onHeap(write);
        };
    }

    private DmaRead checked(DmaRead read) {
        if (Long.compareUnsigned(read.count(), maxTransferSize) > 0) {
            throw tooMuch(read.count());
        }
        return read;
    }

    /// A copy that need not be released, so that a responder may keep it.
    private DmaWrite onHeap(DmaWrite write) {
        try {
            if (write.count() > maxTransferSize) {
                throw tooMuch(write.count());
            }
            byte[] bytes = ByteBufUtil.getBytes(write.data());
            return new DmaWrite(write.address(), Unpooled.wrappedBuffer(bytes));
        } finally {
            write.release();
        }
    }

    private RequestRejectedException tooMuch(long count) {
        return new RequestRejectedException(
                Errno.E2BIG,
                "count: "
                        + Long.toUnsignedString(count)
                        + " (expected: at most max_data_xfer_size, "
                        + maxTransferSize
                        + ")");
    }
}
