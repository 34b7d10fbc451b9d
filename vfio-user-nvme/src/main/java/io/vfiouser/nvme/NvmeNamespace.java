package io.vfiouser.nvme;

import java.lang.foreign.MemorySegment;

/// A namespace as the controller describes it (NVMe 1.4: "Identify Namespace data structure").
///
/// @param id 1 or above, unsigned
/// @param blocks logical blocks, unsigned
/// @param capacity blocks that may be allocated at a time, unsigned
/// @param blockSize bytes of a logical block, a power of two from 512 on
public record NvmeNamespace(int id, long blocks, long capacity, int blockSize) {
    private static final int FORMATS = 128;
    private static final int MIN_SHIFT = 9;
    private static final int MAX_SHIFT = 20;

    /// Reads the data structure.
    ///
    /// @throws ControllerException for blocks that are no power of two from 512 to 1 MiB, or have
    ///   metadata
    static NvmeNamespace parse(int id, MemorySegment data) {
        int format = Words.i32(data, FORMATS + 4L * (Words.u8(data, 26) & 0xf));
        int shift = format >>> Short.SIZE & 0xff;
        int metadata = format & 0xffff;
        if (shift < MIN_SHIFT || shift > MAX_SHIFT || metadata != 0) {
            throw new ControllerException(
                    "namespace %d: LBADS %d, MS %d (expected: LBADS %d to %d, no metadata)"
                            .formatted(id, shift, metadata, MIN_SHIFT, MAX_SHIFT));
        }
        return new NvmeNamespace(id, Words.i64(data, 0), Words.i64(data, 8), 1 << shift);
    }

    /// Bytes of all blocks.
    public long size() {
        return blocks * blockSize;
    }
}
