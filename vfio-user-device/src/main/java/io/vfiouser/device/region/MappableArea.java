package io.vfiouser.device.region;

/// A part of a region that the client may map into its own address space (spec: "Region Sparse Mmap
/// Capability"). Accesses there do not reach the device as messages.
///
/// @param offset first byte, counted from the start of the region; a multiple of 4096
/// @param size bytes; a multiple of 4096, at least 4096
public record MappableArea(long offset, long size) {
    private static final long PAGE_SIZE = 4096;

    /// Checks the alignment.
    public MappableArea {
        if (offset < 0 || size <= 0 || (offset | size) % PAGE_SIZE != 0) {
            throw new IllegalArgumentException(
                    "mappable area: 0x"
                            + Long.toHexString(offset)
                            + "+0x"
                            + Long.toHexString(size)
                            + " (expected: multiples of 0x1000, size at least 0x1000)");
        }
    }

    /// The first offset after the area.
    public long end() {
        return offset + size;
    }
}
