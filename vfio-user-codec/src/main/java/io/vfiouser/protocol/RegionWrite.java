package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/// Writes to a region (spec: "VFIO_USER_REGION_WRITE").
///
/// | field  | offset | bytes |
/// |--------|--------|-------|
/// | offset | 0      | 8     |
/// | region | 8      | 4     |
/// | count  | 12     | 4     |
/// | data   | 16     | count |
///
/// @param region index of the region
/// @param offset first byte, counted from the start of the region, unsigned
/// @param data the bytes to write, owned by this request
public record RegionWrite(int region, long offset, ByteBuf data)
        implements ClientRequest, BulkMessage {
    /// Checks the ranges.
    public RegionWrite {
        Checks.notNegative("region", region);
        Objects.requireNonNull(data, "data");
    }

    /// The number of bytes to write.
    public int count() {
        return data.readableBytes();
    }

    @Override
    public int commandId() {
        return Command.REGION_WRITE.id();
    }

    @Override
    public ByteBuf bulk() {
        return data;
    }

    /// How much was written; the same 16 bytes without data.
    ///
    /// @param region index of the region
    /// @param offset first byte, counted from the start of the region, unsigned
    /// @param count bytes that were written
    public record Reply(int region, long offset, int count) implements ServerReply {
        /// Checks the ranges.
        public Reply {
            Checks.notNegative("region", region);
            Checks.notNegative("count", count);
        }
    }
}
