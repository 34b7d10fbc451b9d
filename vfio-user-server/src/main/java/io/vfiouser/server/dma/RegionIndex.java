package io.vfiouser.server.dma;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The regions of one table by address: a sorted list cut into short leaves.
///
/// A look-up is two binary searches over plain `long`s, which the compiler turns into conditional
/// moves; an insertion or removal shifts at most one leaf and the list of leaves. So none of them
/// grows noticeably up to the 65,536 regions that a client may map. One sorted array would move 384
/// KiB for an insertion in its middle, a tree would follow a pointer for each comparison.
///
/// Keys are addresses with the top bit flipped, so that signed comparison orders them as unsigned.
final class RegionIndex {
    private static final int LEAF_CAPACITY = 128;
    private static final int FIRST_CAPACITY = 8;

    private long[] firstKeys = new long[FIRST_CAPACITY];
    private @Nullable Leaf[] leaves = new @Nullable Leaf[FIRST_CAPACITY];
    private int leafCount;
    private int size;

    int size() {
        return size;
    }

    /// The region with the highest address that is not above `iova`.
    @Nullable DmaRegion floor(long iova) {
        long key = key(iova);
        int at = floorIndex(firstKeys, leafCount, key);
        return at < 0 ? null : leaf(at).floor(key);
    }

    /// The region that has `iova`.
    @Nullable DmaRegion find(long iova) {
        long key = key(iova);
        Leaf leaf = leafCount == 0 ? null : leaves[steadyFloorIndex(firstKeys, leafCount, key)];
        if (leaf == null) {
            return null;
        }
        DmaRegion region = leaf.regions[steadyFloorIndex(leaf.keys, leaf.count, key)];
        return region != null && region.contains(iova, 1) ? region : null;
    }

    /// Puts in a region whose address is not in the index yet.
    void add(DmaRegion region) {
        long key = key(region.iova());
        if (leafCount == 0) {
            insertLeaf(0, new Leaf(FIRST_CAPACITY), key);
        }
        int at = Math.max(0, floorIndex(firstKeys, leafCount, key));
        if (leaf(at).count == LEAF_CAPACITY) {
            at = split(at, key);
        }
        Leaf leaf = leaf(at);
        leaf.insert(key, region);
        firstKeys[at] = leaf.keys[0];
        size++;
    }

    /// Takes out a region that is in the index.
    void remove(DmaRegion region) {
        long key = key(region.iova());
        int at = floorIndex(firstKeys, leafCount, key);
        Leaf leaf = leaf(at);
        leaf.remove(key);
        size--;
        if (leaf.count == 0) {
            removeLeaf(at);
            return;
        }
        firstKeys[at] = leaf.keys[0];
        if (at + 1 < leafCount && mergesWithNext(at)) {
            merge(at);
        } else if (at > 0 && mergesWithNext(at - 1)) {
            merge(at - 1);
        }
    }

    void clear() {
        firstKeys = new long[FIRST_CAPACITY];
        leaves = new @Nullable Leaf[FIRST_CAPACITY];
        leafCount = 0;
        size = 0;
    }

    private static long key(long iova) {
        return iova ^ Long.MIN_VALUE;
    }

    /// The last of `count` ascending keys that is not above `key`, or -1.
    private static int floorIndex(long[] keys, int count, long key) {
        int at = Arrays.binarySearch(keys, 0, count, key);
        return at >= 0 ? at : -at - 2;
    }

    /// As [#floorIndex], but for the addresses of devices, of which nobody knows where they fall:
    /// without a branch to be mispredicted. Apart, so that the steady pattern of updates does not
    /// teach the compiler otherwise. 0 if all of `count` keys, at least 1, are above `key`.
    private static int steadyFloorIndex(long[] keys, int count, long key) {
        int base = 0;
        for (int left = count; left > 1; ) {
            int half = left >>> 1;
            base = keys[base + half] <= key ? base + half : base;
            left -= half;
        }
        return base;
    }

    /// Makes room in a full leaf; returns the leaf that `key` now belongs to.
    private int split(int at, long key) {
        Leaf full = leaf(at);
        if (at == leafCount - 1 && key > full.keys[LEAF_CAPACITY - 1]) {
            // Clients map upwards: leave the leaf full instead of half empty for good.
            insertLeaf(at + 1, new Leaf(FIRST_CAPACITY), key);
            return at + 1;
        }
        Leaf upper = full.splitOff(LEAF_CAPACITY / 2);
        insertLeaf(at + 1, upper, upper.keys[0]);
        return key < upper.keys[0] ? at : at + 1;
    }

    /// Two leaves become one when they fill half of it. So a client that thins out its regions
    /// cannot make the index keep a leaf for each.
    private boolean mergesWithNext(int at) {
        return leaf(at).count + leaf(at + 1).count <= LEAF_CAPACITY / 2;
    }

    private void merge(int at) {
        leaf(at).append(leaf(at + 1));
        removeLeaf(at + 1);
    }

    private void insertLeaf(int at, Leaf leaf, long firstKey) {
        if (leafCount == leaves.length) {
            leaves = Arrays.copyOf(leaves, leafCount * 2);
            firstKeys = Arrays.copyOf(firstKeys, leafCount * 2);
        }
        System.arraycopy(leaves, at, leaves, at + 1, leafCount - at);
        System.arraycopy(firstKeys, at, firstKeys, at + 1, leafCount - at);
        leaves[at] = leaf;
        firstKeys[at] = firstKey;
        leafCount++;
    }

    private void removeLeaf(int at) {
        leafCount--;
        System.arraycopy(leaves, at + 1, leaves, at, leafCount - at);
        System.arraycopy(firstKeys, at + 1, firstKeys, at, leafCount - at);
        leaves[leafCount] = null;
    }

    private Leaf leaf(int at) {
        return Objects.requireNonNull(leaves[at]);
    }

    /// Up to [#LEAF_CAPACITY] regions in ascending order.
    private static final class Leaf {
        long[] keys;
        @Nullable DmaRegion[] regions;
        int count;

        Leaf(int capacity) {
            keys = new long[capacity];
            regions = new @Nullable DmaRegion[capacity];
        }

        @Nullable DmaRegion floor(long key) {
            return regions[floorIndex(keys, count, key)];
        }

        void insert(long key, DmaRegion region) {
            reserve(count + 1);
            int at = floorIndex(keys, count, key) + 1;
            System.arraycopy(keys, at, keys, at + 1, count - at);
            System.arraycopy(regions, at, regions, at + 1, count - at);
            keys[at] = key;
            regions[at] = region;
            count++;
        }

        void remove(long key) {
            int at = floorIndex(keys, count, key);
            count--;
            System.arraycopy(keys, at + 1, keys, at, count - at);
            System.arraycopy(regions, at + 1, regions, at, count - at);
            regions[count] = null;
        }

        Leaf splitOff(int from) {
            var upper = new Leaf(LEAF_CAPACITY);
            upper.count = count - from;
            System.arraycopy(keys, from, upper.keys, 0, upper.count);
            System.arraycopy(regions, from, upper.regions, 0, upper.count);
            Arrays.fill(regions, from, count, null);
            count = from;
            return upper;
        }

        void append(Leaf next) {
            reserve(count + next.count);
            System.arraycopy(next.keys, 0, keys, count, next.count);
            System.arraycopy(next.regions, 0, regions, count, next.count);
            count += next.count;
        }

        private void reserve(int needed) {
            if (needed > keys.length) {
                int capacity = Math.min(LEAF_CAPACITY, Math.max(needed, keys.length * 2));
                keys = Arrays.copyOf(keys, capacity);
                regions = Arrays.copyOf(regions, capacity);
            }
        }
    }
}
