package io.vfiouser.server.session;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.RegionAccess;
import io.vfiouser.protocol.WireFormat;

/// Bodies of error replies for clients that ignore the error flag and wait for as many bytes as a
/// good reply would have, as Cloud Hypervisor does.
///
/// A body has the size of the fixed part of the good reply, all zeros, and for REGION_READ the data
/// that was asked for, all ones, as a read that nobody answers has on PCI.
final class ErrorPadding {
    private ErrorPadding() {}

    /// Bytes of the body of an error reply to a command.
    ///
    /// @param frame the command
    /// @param maxTransferSize most bytes of data; none are given for a count above it
    static int size(ByteBuf frame, int maxTransferSize) {
        int start = frame.readerIndex();
        Command command = Command.of(MessageHeader.commandId(frame, start)).orElse(null);
        return switch (command) {
            case REGION_READ -> WireFormat.REGION_ACCESS_SIZE + dataSize(frame, maxTransferSize);
            case REGION_WRITE -> WireFormat.REGION_ACCESS_SIZE;
            case DMA_UNMAP -> WireFormat.DMA_UNMAP_SIZE;
            case DEVICE_GET_INFO -> WireFormat.DEVICE_INFO_SIZE;
            case DEVICE_GET_REGION_INFO -> WireFormat.REGION_INFO_SIZE;
            case DEVICE_GET_REGION_IO_FDS -> WireFormat.REGION_IO_FDS_SIZE;
            case DEVICE_GET_IRQ_INFO -> WireFormat.IRQ_INFO_SIZE;
            case REGION_WRITE_MULTI -> WireFormat.WRITE_MULTI_SIZE;
            case DEVICE_FEATURE -> WireFormat.FEATURE_SIZE;
            case MIG_DATA_READ -> WireFormat.MIG_DATA_SIZE;
            case VERSION,
                    DMA_MAP,
                    DEVICE_SET_IRQS,
                    DMA_READ,
                    DMA_WRITE,
                    DEVICE_RESET,
                    MIG_DATA_WRITE ->
                    0;
            case null -> 0;
        };
    }

    /// Appends the body.
    ///
    /// @param size from [#size]
    static void write(ByteBuf out, int commandId, int size) {
        if (commandId == Command.REGION_READ.id() && size > WireFormat.REGION_ACCESS_SIZE) {
            out.writeZero(WireFormat.REGION_ACCESS_SIZE);
            for (int i = WireFormat.REGION_ACCESS_SIZE; i < size; i++) {
                out.writeByte(0xff);
            }
        } else {
            out.writeZero(size);
        }
    }

    private static int dataSize(ByteBuf frame, int maxTransferSize) {
        if (frame.readableBytes() < WireFormat.HEADER_SIZE + WireFormat.REGION_ACCESS_SIZE) {
            return 0;
        }
        int count = RegionAccess.count(frame, frame.readerIndex());
        return Integer.compareUnsigned(count, maxTransferSize) <= 0 ? count : 0;
    }
}
