package io.vfiouser.trace.proxy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import java.util.Optional;

/// A command with which a server reaches for client memory.
///
/// @param header its header
/// @param echoes whether a reply says to which command it is
/// @param iova first address
/// @param length bytes
record ProxiedDma(MessageHeader header, boolean echoes, AccessMode mode, long iova, long length) {
    /// The address, and a count of 4 bytes at least.
    private static final int SMALLEST = WireFormat.HEADER_SIZE + 12;

    /// What a message of a server is, if it is such a command.
    static Optional<ProxiedDma> of(ByteBuf bytes, Dialect dialect) {
        int start = bytes.readerIndex();
        if (MessageHeader.type(bytes, start) != WireFormat.TYPE_COMMAND
                || bytes.readableBytes() < SMALLEST) {
            return Optional.empty();
        }
        int command = MessageHeader.commandId(bytes, start);
        boolean current = dialect == Dialect.CURRENT;
        boolean read = command == (current ? Command.DMA_READ.id() : LegacyCommand.DMA_READ.id());
        boolean write =
                command == (current ? Command.DMA_WRITE.id() : LegacyCommand.DMA_WRITE.id());
        if (!read && !write) {
            return Optional.empty();
        }
        int body = start + WireFormat.HEADER_SIZE;
        return Optional.of(
                new ProxiedDma(
                        MessageHeader.read(bytes, start),
                        current,
                        read ? AccessMode.READ : AccessMode.WRITE,
                        bytes.getLongLE(body),
                        bytes.getUnsignedIntLE(body + 8)));
    }

    /// The reply in the client's place, if a filter refuses the access.
    Optional<ByteBuf> refusal(RegionFilters filters) {
        try {
            filters.dma(mode, iova, length);
            return Optional.empty();
        } catch (DeviceException e) {
            return Optional.of(reply(e.errno()));
        }
    }

    private ByteBuf reply(Errno errno) {
        ByteBuf out = Unpooled.buffer(WireFormat.HEADER_SIZE);
        new MessageHeader(
                        header.messageId(),
                        echoes ? header.commandId() : 0,
                        WireFormat.HEADER_SIZE,
                        WireFormat.TYPE_REPLY | WireFormat.FLAG_ERROR,
                        errno.number())
                .write(out);
        return out;
    }
}
