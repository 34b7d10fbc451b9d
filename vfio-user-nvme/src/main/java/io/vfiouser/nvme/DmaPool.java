package io.vfiouser.nvme;

import io.vfiouser.os.SharedMemory;
import java.util.BitSet;

/// The memory that an initiator shares with its server: one memfd, given out in pages. May be used
/// from any thread.
final class DmaPool implements AutoCloseable {
    /// Bytes of a memory page of the controller, and of the pool.
    static final int PAGE = 4096;

    private final SharedMemory memory;
    private final long iova;
    private final BitSet used = new BitSet();

    /// A pool.
    ///
    /// @param iova DMA address of the first page
    DmaPool(long size, long iova) {
        this.memory = SharedMemory.create("vfio-user-nvme", size);
        this.iova = iova;
    }

    SharedMemory memory() {
        return memory;
    }

    long iova() {
        return iova;
    }

    /// Pages side by side, zeroed.
    ///
    /// @param size bytes, at least 1; rounded up to pages
    /// @throws IllegalStateException if there is no room
    synchronized DmaBuffer allocate(long size) {
        if (size < 1) {
            throw new IllegalArgumentException("size: " + size + " (expected: at least 1)");
        }
        long bytes = (size + PAGE - 1) / PAGE * PAGE;
        if (bytes <= 0 || bytes > memory.size()) {
            throw noRoom(size);
        }
        int pages = (int) (bytes / PAGE);
        int start = find(pages);
        if ((long) (start + pages) * PAGE > memory.size()) {
            throw noRoom(size);
        }
        used.set(start, start + pages);
        long offset = (long) start * PAGE;
        var segment = memory.segment().asSlice(offset, bytes);
        segment.fill((byte) 0);
        return new DmaBuffer(this, segment, iova + offset);
    }

    synchronized void free(DmaBuffer buffer) {
        int start = (int) ((buffer.iova() - iova) / PAGE);
        used.clear(start, start + (int) (buffer.size() / PAGE));
    }

    @Override
    public void close() {
        memory.close();
    }

    private int find(int pages) {
        int start = used.nextClearBit(0);
        while (true) {
            int next = used.nextSetBit(start);
            if (next < 0 || next - start >= pages) {
                return start;
            }
            start = used.nextClearBit(next);
        }
    }

    private IllegalStateException noRoom(long size) {
        return new IllegalStateException(
                "memorySize: %d, of which %d used (expected: room for %d more)"
                        .formatted(memory.size(), (long) used.cardinality() * PAGE, size));
    }
}
