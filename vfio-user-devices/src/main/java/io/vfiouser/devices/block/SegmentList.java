package io.vfiouser.devices.block;

import org.jspecify.annotations.Nullable;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The memory of one request: ranges of memory segments in the order of the blocks.
///
/// Made to be filled again and again without making objects: a range is a segment, an offset and a
/// length, not a slice. A range that continues the one before it becomes a part of it, so that
/// guest memory which is described page by page, but lies in one piece, is one range.
///
/// Used by one thread at a time.
public final class SegmentList {
    private static final int FIRST_CAPACITY = 4;

    private @Nullable MemorySegment[] bases = new MemorySegment[FIRST_CAPACITY];
    private long[] offsets = new long[FIRST_CAPACITY];
    private long[] lengths = new long[FIRST_CAPACITY];
    private int count;
    private long totalLength;

    /// An empty list.
    public SegmentList() {}

    /// Forgets all ranges, and with them their segments.
    public void clear() {
        Arrays.fill(bases, 0, count, null);
        count = 0;
        totalLength = 0;
    }

    /// Adds a range at the end.
    ///
    /// @param base the segment, native or on the heap; must stay valid until the list is cleared
    /// @param offset first byte in it
    /// @param length bytes; a range of 0 bytes is left out
    /// @throws IndexOutOfBoundsException if the segment does not have that range
    public void add(MemorySegment base, long offset, long length) {
        if ((offset | length) < 0 || length > base.byteSize() - offset) {
            throw new IndexOutOfBoundsException(
                    "offset: 0x%x, length: %d (expected: within the segment's %d bytes)"
                            .formatted(offset, length, base.byteSize()));
        }
        if (length == 0) {
            return;
        }
        int last = count - 1;
        if (last >= 0 && offsets[last] + lengths[last] == offset && base.equals(bases[last])) {
            lengths[last] += length;
        } else {
            append(base, offset, length);
        }
        totalLength += length;
    }

    /// Adds a part of another list at the end.
    ///
    /// @param from first byte of the part, counted over all ranges of `source`
    /// @param length bytes
    /// @throws IndexOutOfBoundsException if `source` does not have that part
    public void addPart(SegmentList source, long from, long length) {
        if ((from | length) < 0 || length > source.totalLength - from) {
            throw new IndexOutOfBoundsException(
                    "from: %d, length: %d (expected: within the list's %d bytes)"
                            .formatted(from, length, source.totalLength));
        }
        long skip = from;
        long left = length;
        for (int i = 0; left > 0; i++) {
            long size = source.lengths[i];
            if (skip >= size) {
                skip -= size;
                continue;
            }
            long part = Math.min(size - skip, left);
            add(source.base(i), source.offsets[i] + skip, part);
            left -= part;
            skip = 0;
        }
    }

    /// How many ranges there are, after joining.
    public int count() {
        return count;
    }

    /// Bytes of all ranges together.
    public long totalLength() {
        return totalLength;
    }

    /// The segment of a range.
    ///
    /// @param index 0 to [#count()] - 1
    public MemorySegment base(int index) {
        MemorySegment base = bases[index];
        if (index >= count || base == null) {
            throw new IndexOutOfBoundsException(
                    "index: %d (expected: less than %d)".formatted(index, count));
        }
        return base;
    }

    /// Where a range begins in its segment.
    ///
    /// @param index 0 to [#count()] - 1
    public long offset(int index) {
        return offsets[index];
    }

    /// Bytes of a range, at least 1.
    ///
    /// @param index 0 to [#count()] - 1
    public long length(int index) {
        return lengths[index];
    }

    /// The address of a range's first byte; meaningful for native segments only.
    ///
    /// @param index 0 to [#count()] - 1
    public long address(int index) {
        return base(index).address() + offsets[index];
    }

    private void append(MemorySegment base, long offset, long length) {
        if (count == bases.length) {
            bases = Arrays.copyOf(bases, count * 2);
            offsets = Arrays.copyOf(offsets, count * 2);
            lengths = Arrays.copyOf(lengths, count * 2);
        }
        bases[count] = base;
        offsets[count] = offset;
        lengths[count] = length;
        count++;
    }
}
