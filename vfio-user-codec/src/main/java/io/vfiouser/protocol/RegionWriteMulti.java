package io.vfiouser.protocol;

import java.util.List;

/// Writes several small values to regions, in order (spec: "VFIO_USER_REGION_WRITE_MULTI").
///
/// | field  | offset | bytes  |
/// |--------|--------|--------|
/// | wr_cnt | 0      | 8      |
/// | writes | 8      | 24 * n |
///
/// Only for a server that announced `write_multiple`.
///
/// @param writes the writes, first to last
public record RegionWriteMulti(List<Write> writes) implements ClientRequest {
    /// Keeps a copy of the list.
    public RegionWriteMulti {
        writes = List.copyOf(writes);
    }

    @Override
    public int commandId() {
        return Command.REGION_WRITE_MULTI.id();
    }

    /// One write.
    ///
    /// | field  | offset | bytes |
    /// |--------|--------|-------|
    /// | offset | 0      | 8     |
    /// | region | 8      | 4     |
    /// | count  | 12     | 4     |
    /// | data   | 16     | 8     |
    ///
    /// @param region index of the region
    /// @param offset first byte, counted from the start of the region, unsigned
    /// @param count bytes to write, 0 to 8
    /// @param data the bytes, first in the lowest 8 bits; those beyond `count` have no meaning
    public record Write(int region, long offset, int count, long data) {
        /// Checks the ranges.
        public Write {
            Checks.notNegative("region", region);
            if (count < 0 || count > WireFormat.WRITE_MULTI_MAX_COUNT) {
                throw new IllegalArgumentException("count: " + count + " (expected: 0 to 8)");
            }
        }
    }

    /// How many of the writes were done before one was refused.
    ///
    /// @param writeCount number of writes done
    public record Reply(long writeCount) implements ServerReply {
        /// Checks the range.
        public Reply {
            Checks.notNegative("writeCount", writeCount);
        }
    }
}
