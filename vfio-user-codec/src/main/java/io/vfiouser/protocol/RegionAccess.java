package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;

/// The 16 bytes that `REGION_READ`, `REGION_WRITE` and their replies begin with, read straight from
/// a message without making a record.
///
/// Made for servers, where these two commands are nearly all there is. The accessors neither move
/// the indexes of the buffer nor check more than its capacity: first make sure that the message has
/// [#MINIMUM_MESSAGE_SIZE] bytes.
public final class RegionAccess {
    /// Bytes of the header and of these fields together.
    public static final int MINIMUM_MESSAGE_SIZE =
            WireFormat.HEADER_SIZE + WireFormat.REGION_ACCESS_SIZE;

    private RegionAccess() {}

    /// The region index in the message whose header is at `index`; negative for a number of 32
    /// bits.
    public static int region(ByteBuf message, int index) {
        return message.getIntLE(
                index + WireFormat.HEADER_SIZE + WireFormat.REGION_ACCESS_REGION_AT);
    }

    /// The first byte, counted from the start of the region, unsigned.
    public static long offset(ByteBuf message, int index) {
        return message.getLongLE(
                index + WireFormat.HEADER_SIZE + WireFormat.REGION_ACCESS_OFFSET_AT);
    }

    /// The byte count; negative for a number of 32 bits.
    public static int count(ByteBuf message, int index) {
        return message.getIntLE(index + WireFormat.HEADER_SIZE + WireFormat.REGION_ACCESS_COUNT_AT);
    }
}
