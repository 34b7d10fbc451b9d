package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.HEADER_SIZE;
import static io.vfiouser.protocol.WireFormat.TYPE_COMMAND;
import static io.vfiouser.protocol.WireFormat.TYPE_REPLY;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.LegacyCommand;
import io.vfiouser.protocol.MessageHeader;
import java.util.Optional;

/// One readable line for one message, for debug logs and traces.
///
/// For example `REGION_READ id=0x5 BAR2+0x104 count=4`, `REGION_READ reply id=0x5 BAR2+0x104
/// count=4`, `REGION_READ error id=0x5 EINVAL`. Works on raw bytes and never throws: what makes no
/// sense is shown as it is.
public final class WireTrace {
    private WireTrace() {}

    /// The line for the readable bytes of `frame`, whose indexes stay as they are.
    public static String describe(ByteBuf frame) {
        return describe(frame, Dialect.CURRENT);
    }

    /// The same for a message of either dialect.
    public static String describe(ByteBuf frame, Dialect dialect) {
        int length = frame.readableBytes();
        if (length < HEADER_SIZE) {
            return "message of " + length + " bytes, less than a header";
        }
        MessageHeader header = MessageHeader.read(frame, frame.readerIndex());
        var line = new StringBuilder(80);
        line.append(name(header.commandId(), dialect));
        line.append(kind(header)).append(" id=0x").append(Integer.toHexString(header.messageId()));
        if (header.isError()) {
            line.append(' ').append(header.errno());
        } else {
            laidOutAsToday(header.commandId(), dialect)
                    .ifPresent(command ->
                            TraceFields.append(line, command, header.type() == TYPE_REPLY, frame));
        }
        if (header.noReply()) {
            line.append(" no-reply");
        }
        if (header.size() != length) {
            line.append(" size=").append(header.size()).append(" of ").append(length);
        }
        return line.toString();
    }

    /// The fields of the payload alone, such as `address=0x100000 size=0x1000 offset=0x0
    /// flags=0x3`; empty for an error reply and for a message without fields.
    ///
    /// @param frame at least a header
    /// @param commandId what it is or answers: replies of the legacy dialect do not say
    public static String fields(ByteBuf frame, int commandId, Dialect dialect) {
        MessageHeader header = MessageHeader.read(frame, frame.readerIndex());
        if (header.isError()) {
            return "";
        }
        var line = new StringBuilder();
        laidOutAsToday(commandId, dialect)
                .ifPresent(command ->
                        TraceFields.append(line, command, header.type() == TYPE_REPLY, frame));
        return line.toString().strip();
    }

    /// The name of a command for people, or its number if it belongs to none.
    public static String name(int commandId, Dialect dialect) {
        Optional<String> name =
                switch (dialect) {
                    case CURRENT -> Command.of(commandId).map(Command::name);
                    case LEGACY -> LegacyCommand.of(commandId).map(LegacyCommand::name);
                };
        return name.orElseGet(() -> "command " + commandId);
    }

    private static Optional<Command> laidOutAsToday(int commandId, Dialect dialect) {
        return switch (dialect) {
            case CURRENT -> Command.of(commandId);
            case LEGACY ->
                    LegacyCommand.of(commandId)
                            .flatMap(LegacyCommand::counterpart)
                            .filter(command ->
                                    switch (command) {
                                        case DMA_MAP, DMA_UNMAP, DMA_READ, DMA_WRITE -> false;
                                        default -> true;
                                    });
        };
    }

    private static String kind(MessageHeader header) {
        if (header.isError()) {
            return " error";
        }
        return switch (header.type()) {
            case TYPE_COMMAND -> "";
            case TYPE_REPLY -> " reply";
            default -> " type " + header.type();
        };
    }
}
