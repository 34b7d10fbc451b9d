package io.vfiouser.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Memory outside the Java heap, for what the kernel reads or writes.
public final class NativeMemory {
    private static final long CACHE_LINE = 64;

    private NativeMemory() {}

    /// Allocates memory, all zero and aligned to 64 bytes, that lives as long as a segment of it is
    /// reachable.
    ///
    /// @param size bytes, 0 or more
    public static MemorySegment allocate(long size) {
        return Arena.ofAuto().allocate(size, CACHE_LINE);
    }
}
