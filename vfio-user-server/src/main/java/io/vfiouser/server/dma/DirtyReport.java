package io.vfiouser.server.dma;

import io.vfiouser.device.region.LittleEndian;
import java.lang.foreign.MemorySegment;

/// The bitmap that a client gets, while it is filled from the pages of one region after the other.
///
/// Log pages and the client's pages may differ in size and in alignment. A bit is set if any dirty
/// page overlaps what it stands for.
final class DirtyReport {
    private final DirtyRange range;
    private final MemorySegment bitmap;

    /// @param bitmap zeroed, of the size that the range has
    DirtyReport(DirtyRange range, MemorySegment bitmap) {
        this.range = range;
        this.bitmap = bitmap;
    }

    /// Moves the dirty pages of a region that overlaps the range over here.
    ///
    /// A page that is only partly in the range stays dirty, for the rest of it was not reported.
    ///
    /// @param pageShift binary logarithm of the size of a log page
    void take(DmaRegion region, DirtyPages pages, int pageShift) {
        long iova = region.iova();
        long first = Long.compareUnsigned(range.iova(), iova) > 0 ? range.iova() - iova : 0;
        boolean toEnd = Long.compareUnsigned(range.last(), region.last()) >= 0;
        long last = toEnd ? region.length() - 1 : range.last() - iova;
        if (pages.isWhole()) {
            addBytes(iova + first, iova + last);
            if (first == 0 && toEnd) {
                pages.clear();
            }
            return;
        }
        add(iova, pages, pageShift, first, last);
        long firstWhole = first == 0 ? 0 : ((first - 1) >>> pageShift) + 1;
        long lastWhole = toEnd ? last >>> pageShift : ((last + 1) >>> pageShift) - 1;
        if (firstWhole <= lastWhole) {
            pages.clear(firstWhole, lastWhole);
        }
    }

    private void add(long iova, DirtyPages pages, int pageShift, long first, long last) {
        long firstPage = first >>> pageShift;
        long lastPage = last >>> pageShift;
        long distance = iova - range.iova();
        if (range.shift() == pageShift && (distance & ((1L << pageShift) - 1)) == 0) {
            boolean behind = Long.compareUnsigned(iova, range.iova()) < 0;
            long bit = behind ? -((range.iova() - iova) >>> pageShift) : distance >>> pageShift;
            pages.forEachWord(firstPage, lastPage, (page, word) -> or(bit + page, word));
            return;
        }
        pages.forEachWord(
                firstPage,
                lastPage,
                (page, word) -> {
                    for (long rest = word; rest != 0; ) {
                        int from = Long.numberOfTrailingZeros(rest);
                        int count = Long.numberOfTrailingZeros(~(rest >>> from));
                        long start = max(first, (page + from) << pageShift);
                        long end =
                                ((page + from + count - 1) << pageShift) | ((1L << pageShift) - 1);
                        addBytes(iova + start, iova + min(last, end));
                        rest = from + count == Long.SIZE ? 0 : rest & (-1L << (from + count));
                    }
                });
    }

    /// Sets the bits for the addresses from `first` to `last`, all in the range.
    private void addBytes(long first, long last) {
        long firstBit = (first - range.iova()) >>> range.shift();
        long lastBit = (last - range.iova()) >>> range.shift();
        for (long i = firstBit >>> 6; i <= lastBit >>> 6; i++) {
            orWord(i, Bits.mask(i, firstBit, lastBit));
        }
    }

    /// Sets 64 bits from `bit` on, which may be negative as far as the bits of `word` are zero.
    private void or(long bit, long word) {
        long at = bit;
        long bits = word;
        if (at < 0) {
            bits >>>= -at;
            at = 0;
        }
        int shift = (int) (at & 63);
        orWord(at >>> 6, bits << shift);
        if (shift != 0 && bits >>> (Long.SIZE - shift) != 0) {
            orWord((at >>> 6) + 1, bits >>> (Long.SIZE - shift));
        }
    }

    private void orWord(long index, long bits) {
        long offset = index << 3;
        bitmap.set(LittleEndian.LONG, offset, bitmap.get(LittleEndian.LONG, offset) | bits);
    }

    private static long max(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }

    private static long min(long a, long b) {
        return Long.compareUnsigned(a, b) <= 0 ? a : b;
    }
}
