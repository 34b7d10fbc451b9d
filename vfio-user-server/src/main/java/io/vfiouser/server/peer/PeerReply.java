package io.vfiouser.server.peer;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import java.lang.foreign.MemorySegment;

/// Reads the client's answers to DMA_READ and DMA_WRITE, in both dialects: the specification's,
/// with a 64-bit count, and that of QEMU 10.1, whose count has 32 bits so that the data lie four
/// bytes earlier and the reply to DMA_WRITE is a header only.
final class PeerReply {
    private static final int NARROW_DATA_AT = WireFormat.HEADER_SIZE + 12;
    private static final int WIDE_DATA_AT = WireFormat.HEADER_SIZE + 16;

    private PeerReply() {}

    /// Takes over what a reply brings.
    ///
    /// @return bytes moved, or -1 if it is no answer to this transfer
    static int take(ByteBuf frame, PeerTransfer transfer) {
        int start = frame.readerIndex();
        if (MessageHeader.commandId(frame, start) != transfer.command.id()) {
            return -1;
        }
        return transfer.command == Command.DMA_READ
                ? takeData(frame, transfer)
                : takeCount(frame, transfer);
    }

    private static int takeData(ByteBuf frame, PeerTransfer transfer) {
        int start = frame.readerIndex();
        int size = frame.readableBytes();
        if (size < WIDE_DATA_AT || frame.getLongLE(start + 16) != transfer.address()) {
            return -1;
        }
        boolean narrow = frame.getIntLE(start + 28) != 0;
        long count = frame.getUnsignedIntLE(start + 24);
        if (count < 1 || count > transfer.piece || count > size - WIDE_DATA_AT) {
            return -1;
        }
        MemorySegment into = transfer.memory.asSlice(transfer.progress, count);
        int dataAt = narrow ? NARROW_DATA_AT : WIDE_DATA_AT;
        frame.getBytes(start + dataAt, into.asByteBuffer());
        return (int) count;
    }

    private static int takeCount(ByteBuf frame, PeerTransfer transfer) {
        int start = frame.readerIndex();
        int size = frame.readableBytes();
        if (size == WireFormat.HEADER_SIZE) {
            return transfer.piece;
        }
        if (size < NARROW_DATA_AT || frame.getLongLE(start + 16) != transfer.address()) {
            return -1;
        }
        long count = frame.getUnsignedIntLE(start + 24);
        return count < 1 || count > transfer.piece ? -1 : (int) count;
    }
}
