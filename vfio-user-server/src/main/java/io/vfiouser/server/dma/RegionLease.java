package io.vfiouser.server.dma;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.memory.Lease;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A lease within one region; by far the usual one.
final class RegionLease implements Lease {
    private final DmaTable table;
    private final DmaRegion region;
    private final long iova;
    private final MemorySegment segment;
    private final boolean marks;
    private boolean open = true;

    private RegionLease(
            DmaTable table, DmaRegion region, long iova, MemorySegment segment, boolean marks) {
        this.table = table;
        this.region = region;
        this.iova = iova;
        this.segment = segment;
        this.marks = marks;
    }

    /// Lends `length` bytes at `iova`, which are in the region.
    ///
    /// @param marks whether all of it counts as written when it is given back
    static RegionLease open(
            DmaTable table,
            DmaRegion region,
            long iova,
            long length,
            AccessMode mode,
            boolean marks) {
        MappedMemory memory = region.checkLendable(mode, iova);
        MemorySegment whole = mode.writes() ? memory.segment() : memory.readOnly();
        var lease =
                new RegionLease(
                        table, region, iova, whole.asSlice(iova - region.iova(), length), marks);
        region.acquire();
        return lease;
    }

    @Override
    public int count() {
        return 1;
    }

    @Override
    public MemorySegment segment(int index) {
        Objects.checkIndex(index, 1);
        if (!open) {
            throw new IllegalStateException(
                    "lease of %s+0x%x: closed (expected: open)"
                            .formatted(Iova.hex(iova), length()));
        }
        return segment;
    }

    @Override
    public long length() {
        return segment.byteSize();
    }

    @Override
    public void close() {
        if (!open) {
            return;
        }
        open = false;
        if (marks && !table.isClosed()) {
            table.dirty().written(region, iova, segment.byteSize());
        }
        region.release();
    }
}
