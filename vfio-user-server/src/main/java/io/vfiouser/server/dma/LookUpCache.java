package io.vfiouser.server.dma;

import org.jspecify.annotations.Nullable;

/// Remembers which region a page belongs to, as the TLB of a processor does: one slot for each hash
/// of a page number.
///
/// A search among thousands of regions takes a dozen loads, each waiting for the one before; a hit
/// here takes two. Among few regions the search is as fast, and big regions have more pages than
/// slots, so small tables do without.
final class LookUpCache {
    /// The least number of regions for which a cache pays.
    static final int WORTHWHILE = 64;

    private static final int PAGE_SHIFT = 12;
    private static final int MAX_SLOTS = 1 << 17;

    /// 2^64 divided by the golden ratio: spreads pages at any regular distance evenly.
    private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

    private final @Nullable DmaRegion[] slots;
    private final int shift;

    /// A cache for a table of about so many regions.
    LookUpCache(int regions) {
        int count = Math.min(MAX_SLOTS, Integer.highestOneBit(regions) * 4);
        this.slots = new @Nullable DmaRegion[count];
        this.shift = Long.numberOfLeadingZeros(count) + 1;
    }

    /// Whether a table has outgrown this cache.
    boolean isTooSmallFor(int regions) {
        return regions > slots.length / 2 && slots.length < MAX_SLOTS;
    }

    /// The region that has `iova`, if it is remembered.
    @Nullable DmaRegion get(long iova) {
        DmaRegion region = slots[slot(iova)];
        return region != null && region.contains(iova, 1) && !region.isWithdrawn() ? region : null;
    }

    void put(long iova, DmaRegion region) {
        slots[slot(iova)] = region;
    }

    private int slot(long iova) {
        return (int) (((iova >>> PAGE_SHIFT) * SPREAD) >>> shift);
    }
}
