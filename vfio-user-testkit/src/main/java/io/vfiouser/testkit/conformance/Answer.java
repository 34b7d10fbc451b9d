package io.vfiouser.testkit.conformance;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.vfiouser.client.RawFrame;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;

/// A message of the server; fields are read by their offset after the header.
final class Answer {
    private final ByteBuf bytes;
    private final MessageHeader header;
    private final FdBundle descriptors;

    /// @param frame stays the caller's
    Answer(RawFrame frame) {
        this.bytes = frame.bytes();
        this.header = frame.header();
        this.descriptors = frame.descriptors();
    }

    MessageHeader header() {
        return header;
    }

    FdBundle descriptors() {
        return descriptors;
    }

    int payloadLength() {
        return bytes.readableBytes() - WireFormat.HEADER_SIZE;
    }

    boolean isCommand() {
        return header.type() == WireFormat.TYPE_COMMAND;
    }

    boolean isError() {
        return header.isError();
    }

    Errno errno() {
        return header.errno();
    }

    int u8(int at) {
        return bytes.getUnsignedByte(index(at, Byte.BYTES));
    }

    int u16(int at) {
        return bytes.getUnsignedShortLE(index(at, Short.BYTES));
    }

    long u32(int at) {
        return bytes.getUnsignedIntLE(index(at, Integer.BYTES));
    }

    long u64(int at) {
        return bytes.getLongLE(index(at, Long.BYTES));
    }

    /// The payload from `at` on.
    byte[] bytesFrom(int at) {
        int index = index(at, 0);
        return ByteBufUtil.getBytes(bytes, index, bytes.writerIndex() - index);
    }

    /// Expects a payload of exactly `length` bytes.
    void checkLength(int length) {
        Difference.check("payload length", length, payloadLength());
    }

    /// What came, in a few words.
    @Override
    public String toString() {
        String kind = isCommand() ? "command " : "reply to command ";
        return kind
                + header.commandId()
                + " id 0x%x, ".formatted(header.messageId())
                + (isError() ? errno() + ", " : "")
                + bytes.readableBytes()
                + " bytes"
                + (descriptors.isEmpty() ? "" : ", " + descriptors.count() + " descriptors");
    }

    private int index(int at, int width) {
        Difference.check(
                at + width <= payloadLength(),
                "a payload of at least " + (at + width) + " bytes",
                toString());
        return bytes.readerIndex() + WireFormat.HEADER_SIZE + at;
    }
}
