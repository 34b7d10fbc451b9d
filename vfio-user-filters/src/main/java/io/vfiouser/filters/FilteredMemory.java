package io.vfiouser.filters;

import com.google.errorprone.annotations.MustBeClosed;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.device.outcome.Completion;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// Client memory behind filters.
final class FilteredMemory implements GuestMemory {
    private final FilterChain filters;
    private final GuestMemory memory;

    FilteredMemory(FilterChain filters, GuestMemory memory) {
        this.filters = filters;
        this.memory = memory;
    }

    @Override
    @MustBeClosed
    public Lease lease(long iova, long length, AccessMode mode) {
        filters.dma(mode, iova, length);
        return memory.lease(iova, length, mode);
    }

    @Override
    public Lease standingLease(long iova, long length, AccessMode mode) {
        filters.dma(mode, iova, length);
        return memory.standingLease(iova, length, mode);
    }

    @Override
    public Completion read(long iova, MemorySegment into) {
        filters.dma(AccessMode.READ, iova, into.byteSize());
        return memory.read(iova, into);
    }

    @Override
    public Completion write(long iova, MemorySegment from) {
        filters.dma(AccessMode.WRITE, iova, from.byteSize());
        return memory.write(iova, from);
    }

    @Override
    public Completion readByMessage(long iova, MemorySegment into) {
        filters.dma(AccessMode.READ, iova, into.byteSize());
        return memory.readByMessage(iova, into);
    }

    @Override
    public Completion writeByMessage(long iova, MemorySegment from) {
        filters.dma(AccessMode.WRITE, iova, from.byteSize());
        return memory.writeByMessage(iova, from);
    }

    @Override
    public void markDirty(long iova, long length) {
        memory.markDirty(iova, length);
    }

    @Override
    public boolean isDirect(long iova, long length, AccessMode mode) {
        return memory.isDirect(iova, length, mode);
    }

    @Override
    public List<DmaRange> ranges() {
        return memory.ranges();
    }
}
