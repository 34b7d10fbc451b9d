package io.vfiouser.nvme;

import io.vfiouser.client.RemoteRegion;
import io.vfiouser.protocol.SparseMmapArea;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Doorbells in a page that the server shares and looks at by itself.
final class MappedDoorbells implements Doorbells {
    private final MemorySegment page;
    private final long stride;

    private MappedDoorbells(MemorySegment page, long stride) {
        this.page = page;
        this.stride = stride;
    }

    /// Doorbells through the mapping of BAR0, if it has one from the first doorbell on.
    static Optional<Doorbells> of(RemoteRegion bar, long stride) {
        for (SparseMmapArea area : bar.mappableAreas()) {
            long start = Registers.DOORBELLS - area.offset();
            if (area.offset() >= 0 && start >= 0 && start + DmaPool.PAGE <= area.size()) {
                return Optional.of(new MappedDoorbells(bar.map(area).asSlice(start), stride));
            }
        }
        return Optional.empty();
    }

    @Override
    public void ring(int index, int value) {
        Words.SHARED.setRelease(page, index * stride, value);
    }

    @Override
    public String toString() {
        return "mapped";
    }
}
