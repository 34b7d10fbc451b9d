package io.vfiouser.testkit;

import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.memory.Lease;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.Consumer;

/// Memory of the test lent to the device, counted until it is closed.
final class TesterLease implements Lease {
    private final long iova;
    private final long length;
    private final List<MemorySegment> segments;
    private final Consumer<TesterLease> closed;
    private boolean open = true;

    TesterLease(
            long iova, long length, List<MemorySegment> segments, Consumer<TesterLease> closed) {
        this.iova = iova;
        this.length = length;
        this.segments = segments;
        this.closed = closed;
    }

    boolean touches(DmaRange range) {
        return Iova.contains(range.iova(), range.length(), iova, 1)
                || Iova.contains(iova, length, range.iova(), 1);
    }

    @Override
    public int count() {
        return segments.size();
    }

    @Override
    public MemorySegment segment(int index) {
        if (!open) {
            throw new IllegalStateException("lease of " + this + ": closed (expected: open)");
        }
        return segments.get(index);
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            closed.accept(this);
        }
    }

    @Override
    public String toString() {
        return Iova.hex(iova) + "+0x" + Long.toHexString(length);
    }
}
