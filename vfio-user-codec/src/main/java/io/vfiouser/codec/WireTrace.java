package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.HEADER_SIZE;
import static io.vfiouser.protocol.WireFormat.TYPE_COMMAND;
import static io.vfiouser.protocol.WireFormat.TYPE_REPLY;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.Command;
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
        int length = frame.readableBytes();
        if (length < HEADER_SIZE) {
            return "message of " + length + " bytes, less than a header";
        }
        MessageHeader header = MessageHeader.read(frame, frame.readerIndex());
        Optional<Command> command = Command.of(header.commandId());
        var line = new StringBuilder(80);
        line.append(command.isPresent() ? command.get().name() : "command " + header.commandId());
        line.append(kind(header)).append(" id=0x").append(Integer.toHexString(header.messageId()));
        if (header.isError()) {
            line.append(' ').append(header.errno());
        } else if (command.isPresent()) {
            TraceFields.append(line, command.get(), header.type() == TYPE_REPLY, frame);
        }
        if (header.noReply()) {
            line.append(" no-reply");
        }
        if (header.size() != length) {
            line.append(" size=").append(header.size()).append(" of ").append(length);
        }
        return line.toString();
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
