package io.vfiouser.devices.block;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The memory of one request: ranges of memory segments in the order of the blocks.
///
/// Made to be filled again and again without making objects: a range is a segment, an offset and a
/// length, not a slice. A range that continues the one before it becomes a part of it, so that
/// guest memory which is described page by page, but lies in one piece, is one range.
///
/// Used by one thread at a time.
public final class SegmentList {
    private static final int FIRST_CAPACITY = 4;

    /// As much as the pages of 2 MiB need.
    private static final int KEPT_CAPACITY = 512;

    private @Nullable MemorySegment[] bases = new MemorySegment[FIRST_CAPACITY];
    private long[] offsets = new long[FIRST_CAPACITY];
    private long[] lengths = new long[FIRST_CAPACITY];
    private int count;
    private long totalLength;

    /// Second result of [#rangeAt].
    private long start;

    /// An empty list.
    public SegmentList() {}

    /// Forgets all ranges, and with them their segments, and gives back room that only an unusual
    /// request needs.
    public void clear() {
        if (bases.length > KEPT_CAPACITY) {
            bases = new MemorySegment[FIRST_CAPACITY];
            offsets = new long[FIRST_CAPACITY];
            lengths = new long[FIRST_CAPACITY];
        } else {
            Arrays.fill(bases, 0, count, null);
        }
        count = 0;
        totalLength = 0;
    }

    /// Adds a range at the end.
    ///
    /// @param base a native segment, such as guest memory; must stay valid until the list is
    ///   cleared
    /// @param offset first byte in it
    /// @param length bytes; a range of 0 bytes is left out
    /// @throws IndexOutOfBoundsException if the segment does not have that range
    /// @throws IllegalArgumentException for a segment on the heap
    public void add(MemorySegment base, long offset, long length) {
        if (!base.isNative()) {
            throw new IllegalArgumentException("base: on the heap (expected: native)");
        }
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
        Objects.checkFromIndexSize(from, length, source.totalLength);
        long left = length;
        int i = source.rangeAt(from);
        for (long skip = from - source.start; left > 0; i++, skip = 0) {
            long part = Math.min(source.lengths[i] - skip, left);
            add(source.base(i), source.offsets[i] + skip, part);
            left -= part;
        }
    }

    /// Copies a part of the list's memory out of it.
    ///
    /// @param from first byte of the part, counted over all ranges
    /// @param into takes it, from its byte `intoOffset` on
    /// @param length bytes
    /// @throws IndexOutOfBoundsException if the list or `into` does not have that part
    public void copyOut(long from, MemorySegment into, long intoOffset, long length) {
        Objects.checkFromIndexSize(from, length, totalLength);
        long left = length;
        long position = intoOffset;
        int i = rangeAt(from);
        for (long skip = from - start; left > 0; i++, skip = 0) {
            long part = Math.min(lengths[i] - skip, left);
            MemorySegment.copy(base(i), offsets[i] + skip, into, position, part);
            position += part;
            left -= part;
        }
    }

    /// Copies into a part of the list's memory.
    ///
    /// @param to first byte of the part, counted over all ranges
    /// @param source where it comes from, from its byte `sourceOffset` on
    /// @param length bytes
    /// @throws IndexOutOfBoundsException if the list or `source` does not have that part
    public void copyIn(long to, MemorySegment source, long sourceOffset, long length) {
        Objects.checkFromIndexSize(to, length, totalLength);
        long left = length;
        long position = sourceOffset;
        int i = rangeAt(to);
        for (long skip = to - start; left > 0; i++, skip = 0) {
            long part = Math.min(lengths[i] - skip, left);
            MemorySegment.copy(source, position, base(i), offsets[i] + skip, part);
            position += part;
            left -= part;
        }
    }

    /// Makes a part of the list's memory zero.
    ///
    /// @param from first byte of the part, counted over all ranges
    /// @param length bytes
    /// @throws IndexOutOfBoundsException if the list does not have that part
    public void clearMemory(long from, long length) {
        Objects.checkFromIndexSize(from, length, totalLength);
        long left = length;
        int i = rangeAt(from);
        for (long skip = from - start; left > 0; i++, skip = 0) {
            long part = Math.min(lengths[i] - skip, left);
            base(i).asSlice(offsets[i] + skip, part).fill((byte) 0);
            left -= part;
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

    /// The range that has a byte, and in [#start] the bytes before it.
    private int rangeAt(long position) {
        start = 0;
        int i = 0;
        while (i < count && position - start >= lengths[i]) {
            start += lengths[i];
            i++;
        }
        return i;
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
