package io.vfiouser.trace;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.observe.TappedMessage;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/// One message that went by, kept: a copy of its bytes, and what its descriptors were.
///
/// @param time when it was seen
/// @param device whose it is
/// @param session counts the clients of the device, from 1
/// @param direction which way it went
/// @param twin whether it went over the second socket
/// @param dialect how it is laid out
/// @param bytes the message, at least a header; on the heap, need not be released, not to be
///   changed
/// @param descriptors what travelled with it
public record TracedMessage(
        Instant time,
        String device,
        long session,
        Direction direction,
        boolean twin,
        Dialect dialect,
        ByteBuf bytes,
        List<SentDescriptor> descriptors) {
    /// Checks that there is a header.
    public TracedMessage {
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(direction, "direction");
        Objects.requireNonNull(dialect, "dialect");
        descriptors = List.copyOf(descriptors);
        if (bytes.readableBytes() < WireFormat.HEADER_SIZE) {
            throw new IllegalArgumentException(
                    "message: " + bytes.readableBytes() + " bytes (expected: at least 16)");
        }
    }

    /// Keeps what a tap sees.
    ///
    /// @param device the name under which it is served
    public static TracedMessage of(String device, TappedMessage seen) {
        return new TracedMessage(
                seen.time(),
                device,
                seen.session(),
                seen.direction(),
                seen.twin(),
                seen.dialect(),
                Unpooled.wrappedBuffer(ByteBufUtil.getBytes(seen.bytes())),
                SentDescriptor.of(seen.descriptors()));
    }

    /// The header.
    public MessageHeader header() {
        return MessageHeader.read(bytes, bytes.readerIndex());
    }
}
