package io.vfiouser.nvme;

import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Memory that both sides see, for the data of commands; begins at a page of 4096 bytes.
///
/// Close it to have it given out again, once no command uses it. It ends with its initiator.
public final class DmaBuffer implements AutoCloseable {
    private final DmaPool pool;
    private final MemorySegment segment;
    private final long iova;
    private boolean closed;

    DmaBuffer(DmaPool pool, MemorySegment segment, long iova) {
        this.pool = pool;
        this.segment = segment;
        this.iova = iova;
    }

    /// The memory, for any thread. Not to be touched after the initiator is closed.
    public MemorySegment segment() {
        return segment;
    }

    /// DMA address of the first byte.
    public long iova() {
        return iova;
    }

    /// Bytes, a multiple of 4096.
    public long size() {
        return segment.byteSize();
    }

    /// Gives the memory back; idempotent.
    @Override
    public void close() {
        synchronized (pool) {
            if (!closed) {
                closed = true;
                pool.free(this);
            }
        }
    }

    /// The DMA address of a range.
    ///
    /// @throws IndexOutOfBoundsException if it is not within the buffer
    long address(long offset, long length) {
        Objects.checkFromIndexSize(offset, length, segment.byteSize());
        return iova + offset;
    }
}
