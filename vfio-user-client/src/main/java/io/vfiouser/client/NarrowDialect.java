package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.protocol.ClientReply;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaWrite;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import java.util.Arrays;

/// The answers of QEMU 10.1, whose structure has a count of 4 bytes but the size of one with 8.
final class NarrowDialect {
    private static final int LOST = Integer.BYTES;

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

    /// Turns the data of a `DMA_WRITE` into what QEMU 10.1 writes: it takes them 4 bytes early,
    /// where the upper half of the count is.
    static void shift(byte[] data) {
        int lost = Math.min(LOST, data.length);
        System.arraycopy(data, 0, data, lost, data.length - lost);
        Arrays.fill(data, 0, lost, (byte) 0);
    }

    private static void encodeRead(ByteBuf out, int messageId, int commandId, DmaRead.Reply reply) {
        int size = WireFormat.DATA_OVERHEAD + reply.data().readableBytes();
        new MessageHeader(messageId, commandId, size, WireFormat.TYPE_REPLY, 0).write(out);
        out.writeLongLE(reply.address());
        out.writeIntLE((int) reply.count());
        out.writeBytes(reply.data(), reply.data().readerIndex(), reply.data().readableBytes());
        out.writeZero(LOST);
    }
}
