package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/// Reads from a region (spec: "VFIO_USER_REGION_READ").
///
/// | field  | offset | bytes |
/// |--------|--------|-------|
/// | offset | 0      | 8     |
/// | region | 8      | 4     |
/// | count  | 12     | 4     |
///
/// @param region index of the region
/// @param offset first byte, counted from the start of the region, unsigned
/// @param count bytes to read, at most the peer's `max_data_xfer_size`
public record RegionRead(int region, long offset, int count) implements ClientRequest {
    /// Checks the ranges.
    public RegionRead {
        Checks.notNegative("region", region);
        Checks.notNegative("count", count);
    }

    @Override
    public int commandId() {
        return Command.REGION_READ.id();
    }

    /// What was read; the same 16 bytes, then the data.
    ///
    /// @param region index of the region
    /// @param offset first byte, counted from the start of the region, unsigned
    /// @param data the bytes that were read, owned by this reply
    public record Reply(int region, long offset, ByteBuf data) implements ServerReply, BulkMessage {
        /// Checks the ranges.
        public Reply {
            Checks.notNegative("region", region);
            Objects.requireNonNull(data, "data");
        }

        /// The number of bytes that were read.
        public int count() {
            return data.readableBytes();
        }

        @Override
        public ByteBuf bulk() {
            return data;
        }
    }
}
