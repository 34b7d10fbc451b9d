package io.vfiouser.devices.block.filter;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which blocks have changed: a bit for each, in pages that exist once a bit of theirs is set.
///
/// May be used from any thread.
final class BlockMap {
    private static final int PAGE_BITS = 1 << 15;

    private final Map<Long, BitSet> pages = new HashMap<>();

    /// Sets the bits of a range.
    synchronized void set(long from, long to) {
        for (long block = from; block < to; ) {
            long page = block / PAGE_BITS;
            long end = Math.min(to, (page + 1) * PAGE_BITS);
            pages.computeIfAbsent(page, _ -> new BitSet())
                    .set((int) (block % PAGE_BITS), (int) (end - 1 - page * PAGE_BITS) + 1);
            block = end;
        }
    }

    /// Whether a block has changed.
    synchronized boolean get(long block) {
        BitSet page = pages.get(block / PAGE_BITS);
        return page != null && page.get((int) (block % PAGE_BITS));
    }

    /// The first block from `from` on, up to `to`, that is not as `from` is.
    synchronized long endOfRun(long from, long to) {
        boolean changed = get(from);
        long block = from;
        while (block < to) {
            long base = block / PAGE_BITS * PAGE_BITS;
            long end = Math.min(to, base + PAGE_BITS);
            long next = endInPage(pages.get(block / PAGE_BITS), (int) (block - base), changed);
            if (base + next < end) {
                return base + next;
            }
            block = end;
        }
        return to;
    }

    private static int endInPage(@Nullable BitSet page, int from, boolean changed) {
        if (page == null) {
            return changed ? from : PAGE_BITS;
        }
        int next = changed ? page.nextClearBit(from) : page.nextSetBit(from);
        return next < 0 ? PAGE_BITS : next;
    }
}
