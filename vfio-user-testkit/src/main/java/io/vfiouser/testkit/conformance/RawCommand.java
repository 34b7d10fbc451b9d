package io.vfiouser.testkit.conformance;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.WireFormat;
import java.nio.charset.StandardCharsets;

/// A command field by field, so that any of them can be wrong.
///
/// The size in the header is that of the bytes unless it is stated otherwise.
final class RawCommand {
    private static final int DEFAULT_ID = 0x1d;

    private final int command;
    private final ByteBuf payload = Unpooled.buffer(64);
    private int messageId = DEFAULT_ID;
    private int flags = WireFormat.TYPE_COMMAND;
    private int error;
    private long statedSize = -1;

    private RawCommand(int command) {
        this.command = command;
    }

    static RawCommand of(Command command) {
        return new RawCommand(command.id());
    }

    static RawCommand of(int command) {
        return new RawCommand(command);
    }

    @CanIgnoreReturnValue
    RawCommand id(int id) {
        messageId = id;
        return this;
    }

    /// Sets all header flags, type included.
    @CanIgnoreReturnValue
    RawCommand headerFlags(int bits) {
        flags = bits;
        return this;
    }

    @CanIgnoreReturnValue
    RawCommand headerError(int value) {
        error = value;
        return this;
    }

    @CanIgnoreReturnValue
    RawCommand noReply() {
        flags |= WireFormat.FLAG_NO_REPLY;
        return this;
    }

    /// Lies about the size of the message.
    @CanIgnoreReturnValue
    RawCommand statedSize(long bytes) {
        statedSize = bytes;
        return this;
    }

    @CanIgnoreReturnValue
    RawCommand u16(int value) {
        payload.writeShortLE(value);
        return this;
    }

    @CanIgnoreReturnValue
    RawCommand u32(long value) {
        payload.writeIntLE((int) value);
        return this;
    }

    @CanIgnoreReturnValue
    RawCommand u64(long value) {
        payload.writeLongLE(value);
        return this;
    }

    @CanIgnoreReturnValue
    RawCommand bytes(byte... data) {
        payload.writeBytes(data);
        return this;
    }

    @CanIgnoreReturnValue
    RawCommand text(String ascii) {
        payload.writeBytes(ascii.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    @CanIgnoreReturnValue
    RawCommand zeros(int count) {
        payload.writeZero(count);
        return this;
    }

    /// Overwrites a 32-bit field of the payload.
    @CanIgnoreReturnValue
    RawCommand set32(int at, long value) {
        payload.setIntLE(at, (int) value);
        return this;
    }

    /// Drops the payload from `length` on.
    @CanIgnoreReturnValue
    RawCommand cutTo(int length) {
        payload.writerIndex(length);
        return this;
    }

    int messageId() {
        return messageId;
    }

    int command() {
        return command;
    }

    int payloadLength() {
        return payload.readableBytes();
    }

    /// The whole message.
    byte[] toBytes() {
        int size = WireFormat.HEADER_SIZE + payload.readableBytes();
        ByteBuf out = Unpooled.buffer(size);
        out.writeShortLE(messageId);
        out.writeShortLE(command);
        out.writeIntLE((int) (statedSize < 0 ? size : statedSize));
        out.writeIntLE(flags);
        out.writeIntLE(error);
        out.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
        return ByteBufUtil.getBytes(out);
    }
}
