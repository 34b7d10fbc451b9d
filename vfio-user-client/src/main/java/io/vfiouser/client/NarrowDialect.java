package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.ClientReply;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaWrite;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;

/// The messages of QEMU 10.1, whose structure has a count of 4 bytes but the size of one with 8.
final class NarrowDialect {
    private static final int COUNT_AT = WireFormat.HEADER_SIZE + Long.BYTES;
    private static final int DATA_AT = COUNT_AT + Integer.BYTES;
    private static final int PADDING = Integer.BYTES;

    private NarrowDialect() {}

    /// Appends a reply as QEMU 10.1 lays it out.
    static void encode(ByteBuf out, int messageId, int commandId, ClientReply reply) {
        switch (reply) {
            case DmaRead.Reply read -> encodeRead(out, messageId, commandId, read);
            case DmaWrite.Reply _ ->
                    MessageEncoder.encode(out, messageId, commandId, EmptyReply.INSTANCE);
            case EmptyReply _, ErrorReply _ ->
                    MessageEncoder.encode(out, messageId, commandId, reply);
        }
    }

    /// Reads a `DMA_WRITE` as QEMU 10.1 does: it looks at 4 bytes of count, and takes the data from
    /// behind them.
    ///
    /// @return with data that need not be released
    /// @throws RequestRejectedException `EINVAL` for a short message, `E2BIG` for a count of more
    ///   than the message has
    static DmaWrite write(ByteBuf frame, int maxTransferSize) {
        int start = frame.readerIndex();
        int room = frame.readableBytes() - WireFormat.DATA_OVERHEAD;
        if (room < 0) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "message: %d bytes (expected: at least %d)"
                            .formatted(frame.readableBytes(), WireFormat.DATA_OVERHEAD));
        }
        long count = frame.getUnsignedIntLE(start + COUNT_AT);
        int most = Math.min(room, maxTransferSize);
        if (count > most) {
            throw new RequestRejectedException(
                    Errno.E2BIG, "count: " + count + " (expected: at most " + most + ")");
        }
        byte[] data = new byte[(int) count];
        frame.getBytes(start + DATA_AT, data);
        return new DmaWrite(
                frame.getLongLE(start + WireFormat.HEADER_SIZE), Unpooled.wrappedBuffer(data));
    }

    private static void encodeRead(ByteBuf out, int messageId, int commandId, DmaRead.Reply reply) {
        int size = WireFormat.DATA_OVERHEAD + reply.data().readableBytes();
        new MessageHeader(messageId, commandId, size, WireFormat.TYPE_REPLY, 0).write(out);
        out.writeLongLE(reply.address());
        out.writeIntLE((int) reply.count());
        out.writeBytes(reply.data(), reply.data().readerIndex(), reply.data().readableBytes());
        out.writeZero(PADDING);
    }
}
