package io.vfiouser.server.dma;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.Lease;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// A lease that crosses regions: one part for each.
final class SpanningLease implements Lease {
    private final List<RegionLease> parts;
    private final long length;

    private SpanningLease(List<RegionLease> parts, long length) {
        this.parts = parts;
        this.length = length;
    }

    /// Lends the range, or nothing of it if any part is refused.
    ///
    /// @param marks whether all of it counts as written when it is given back
    static SpanningLease open(
            DmaTable table, long iova, long length, AccessMode mode, boolean marks) {
        RangeChecks.checkLease(table, iova, length, mode);
        var parts = new ArrayList<RegionLease>();
        for (long done = 0; done != length; ) {
            DmaRegion region = table.require(iova + done, mode);
            long count = region.within(iova + done, length - done);
            parts.add(RegionLease.open(table, region, iova + done, count, mode, marks));
            done += count;
        }
        return new SpanningLease(parts, length);
    }

    @Override
    public int count() {
        return parts.size();
    }

    @Override
    public MemorySegment segment(int index) {
        return parts.get(Objects.checkIndex(index, parts.size())).segment(0);
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void close() {
        for (RegionLease part : parts) {
            part.close();
        }
    }
}
