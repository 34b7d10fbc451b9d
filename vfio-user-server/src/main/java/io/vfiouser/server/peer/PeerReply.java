package io.vfiouser.server.peer;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;

/// Reads the client's answers to DMA_READ and DMA_WRITE.
final class PeerReply {
    private static final int ADDRESS_AT = WireFormat.HEADER_SIZE;
    private static final int COUNT_AT = ADDRESS_AT + Long.BYTES;
    private static final int DATA_OVERHEAD = WireFormat.DATA_OVERHEAD;

    private PeerReply() {}

    /// Takes over what a reply brings.
    ///
    /// @return bytes moved, or -1 if it is no answer to this transfer
    static int take(ByteBuf frame, PeerTransfer transfer, DmaDialect dialect) {
        int start = frame.readerIndex();
        if (MessageHeader.commandId(frame, start) != transfer.command.id()) {
            return -1;
        }
        return transfer.command == Command.DMA_READ
                ? takeData(frame, transfer, dialect)
                : takeCount(frame, transfer);
    }

    private static int takeData(ByteBuf frame, PeerTransfer transfer, DmaDialect dialect) {
        int size = frame.readableBytes();
        if (size < DATA_OVERHEAD || !isAt(frame, transfer)) {
            return -1;
        }
        long count = dialect.count(frame);
        if (count < 1 || count > transfer.piece || count > size - DATA_OVERHEAD) {
            return -1;
        }
        dialect.readData(frame, transfer.memory.asSlice(transfer.progress, count));
        return (int) count;
    }

    /// A client may answer with a header only, with 4 bytes of count as the specification once
    /// printed it, or with 8.
    private static int takeCount(ByteBuf frame, PeerTransfer transfer) {
        int size = frame.readableBytes();
        if (size == WireFormat.HEADER_SIZE) {
            return transfer.piece;
        }
        if (size < COUNT_AT + Integer.BYTES || !isAt(frame, transfer)) {
            return -1;
        }
        long count = frame.getUnsignedIntLE(frame.readerIndex() + COUNT_AT);
        return count < 1 || count > transfer.piece ? -1 : (int) count;
    }

    private static boolean isAt(ByteBuf frame, PeerTransfer transfer) {
        return frame.getLongLE(frame.readerIndex() + ADDRESS_AT) == transfer.address();
    }
}
