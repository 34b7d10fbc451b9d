package io.vfiouser.server.dma;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The regions of one table in the order in which they were mapped: a list linked through the
/// regions themselves, so that removal takes the same time at any size.
final class RegionOrder {
    private @Nullable DmaRegion first;
    private @Nullable DmaRegion last;

    void add(DmaRegion region) {
        region.previous = last;
        if (last == null) {
            first = region;
        } else {
            last.next = region;
        }
        last = region;
    }

    void remove(DmaRegion region) {
        DmaRegion previous = region.previous;
        DmaRegion next = region.next;
        if (previous == null) {
            first = next;
        } else {
            previous.next = next;
        }
        if (next == null) {
            last = previous;
        } else {
            next.previous = previous;
        }
        region.previous = null;
        region.next = null;
    }

    void clear() {
        first = null;
        last = null;
    }

    List<DmaRegion> toList() {
        var regions = new ArrayList<DmaRegion>();
        for (DmaRegion at = first; at != null; at = at.next) {
            regions.add(at);
        }
        return regions;
    }
}
