package io.vfiouser.device.region;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.os.SharedMemory;
import java.lang.foreign.MemorySegment;

/// A region that is plain memory: what was written is what is read.
public final class MemoryRegion implements RegionHandler {
    private final MemorySegment memory;

    private MemoryRegion(MemorySegment memory) {
        this.memory = memory;
    }

    /// Zeroed memory of this process; clients cannot map it.
    ///
    /// @param size bytes, at least 1
    public static MemoryRegion scratch(long size) {
        return new MemoryRegion(NativeMemory.allocate(size));
    }

    /// A window onto shared memory, so that trapped and mapped accesses meet in the same bytes.
    ///
    /// @param memory borrowed, must stay open as long as the region is served
    public static MemoryRegion shared(SharedMemory memory) {
        return new MemoryRegion(memory.segment());
    }

    /// The bytes themselves, for the device.
    public MemorySegment segment() {
        return memory;
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        MemorySegment.copy(memory, offset, into, 0, into.byteSize());
        return Completion.DONE;
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        MemorySegment.copy(from, 0, memory, offset, from.byteSize());
        return Completion.DONE;
    }
}
