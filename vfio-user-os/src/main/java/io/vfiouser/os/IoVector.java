package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Ranges of memory, in order, that one system call reads into or writes from; made to be filled
/// again and again.
///
/// Used by one thread at a time.
public final class IoVector {
    /// Most ranges that Linux takes at once (`UIO_MAXIOV`).
    public static final int MAX_CAPACITY = 1024;

    private final int capacity;
    private final MemorySegment iovecs;
    private final @Nullable MemorySegment[] segments;
    private int first;
    private int end;
    private long remaining;
    private boolean writable = true;

    private IoVector(int capacity) {
        this.capacity = capacity;
        this.iovecs =
                Arena.ofAuto().allocate((long) capacity * StructLayouts.IOVEC_SIZE, Long.BYTES);
        this.segments = new MemorySegment[capacity];
    }

    /// An empty one.
    ///
    /// @param capacity most ranges, 1 to [#MAX_CAPACITY]
    public static IoVector create(int capacity) {
        if (capacity < 1 || capacity > MAX_CAPACITY) {
            throw new IllegalArgumentException(
                    "capacity: %d (expected: 1 to %d)".formatted(capacity, MAX_CAPACITY));
        }
        return new IoVector(capacity);
    }

    /// Forgets all ranges.
    public void clear() {
        Arrays.fill(segments, 0, end, null);
        first = 0;
        end = 0;
        remaining = 0;
        writable = true;
    }

    /// Adds a range at the end, if there is room for one more.
    ///
    /// @param base a native segment, which must stay valid until the call is over
    /// @param offset first byte in it
    /// @param length bytes
    /// @return false if there is no room
    /// @throws IndexOutOfBoundsException if the segment does not have that range
    /// @throws IllegalArgumentException for a segment on the heap
    public boolean add(MemorySegment base, long offset, long length) {
        if (!base.isNative()) {
            throw new IllegalArgumentException("segment: on the heap (expected: native)");
        }
        if ((offset | length) < 0 || length > base.byteSize() - offset) {
            throw new IndexOutOfBoundsException(
                    "offset: 0x%x, length: %d (expected: within the segment's %d bytes)"
                            .formatted(offset, length, base.byteSize()));
        }
        if (end == capacity) {
            return false;
        }
        long place = (long) end * StructLayouts.IOVEC_SIZE;
        iovecs.set(JAVA_LONG, place + StructLayouts.IOVEC_BASE, base.address() + offset);
        iovecs.set(JAVA_LONG, place + StructLayouts.IOVEC_LENGTH, length);
        segments[end] = base;
        end++;
        remaining += length;
        writable &= !base.isReadOnly();
        return true;
    }

    /// Takes bytes off the front, after a call that did not do all of them.
    ///
    /// @param bytes 0 to [#remaining()]
    public void skip(long bytes) {
        if (bytes < 0 || bytes > remaining) {
            throw new IllegalArgumentException(
                    "bytes: %d (expected: 0 to %d)".formatted(bytes, remaining));
        }
        long left = bytes;
        while (left > 0) {
            long place = (long) first * StructLayouts.IOVEC_SIZE;
            long length = iovecs.get(JAVA_LONG, place + StructLayouts.IOVEC_LENGTH);
            if (left < length) {
                long base = iovecs.get(JAVA_LONG, place + StructLayouts.IOVEC_BASE);
                iovecs.set(JAVA_LONG, place + StructLayouts.IOVEC_BASE, base + left);
                iovecs.set(JAVA_LONG, place + StructLayouts.IOVEC_LENGTH, length - left);
                break;
            }
            left -= length;
            first++;
        }
        remaining -= bytes;
    }

    /// Bytes of all ranges, less those skipped.
    public long remaining() {
        return remaining;
    }

    long address() {
        return iovecs.address() + (long) first * StructLayouts.IOVEC_SIZE;
    }

    int count() {
        return end - first;
    }

    boolean isWritable() {
        return writable;
    }
}
