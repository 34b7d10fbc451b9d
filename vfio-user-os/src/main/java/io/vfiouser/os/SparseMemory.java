package io.vfiouser.os;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Memory of this process alone, all zero, that takes up room only where it has been written.
///
/// Sizes far beyond the machine's memory are fine: what was never written costs nothing, nor does
/// reading it. May be used from any thread; releasing a range while another thread writes to it
/// leaves either zeros or what was written.
public final class SparseMemory implements AutoCloseable {
    private static final int MAP_PRIVATE = 2;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_NORESERVE = 0x4000;
    private static final int MADV_DONTNEED = 4;
    private static final int MADV_HUGEPAGE = 14;

    private final long size;
    private final long pageSize;
    private volatile @Nullable MemorySegment segment;

    private SparseMemory(long size, long pageSize, MemorySegment segment) {
        this.size = size;
        this.pageSize = pageSize;
        this.segment = segment;
    }

    /// Makes new memory.
    ///
    /// @param size bytes, at least 1
    /// @throws NativeCallException with ENOMEM if there are not that many addresses, or the system
    ///   grants no more memory than it has (`vm.overcommit_memory` is 2)
    public static SparseMemory create(long size) {
        if (size < 1) {
            throw new IllegalArgumentException("size: " + size + " (expected: at least 1)");
        }
        long pageSize = MappingCalls.getpagesize();
        long address =
                MappingCalls.mmap(
                        CallState.current(),
                        0,
                        size,
                        MappedRange.PROT_READ | MappedRange.PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                        -1,
                        0);
        if (address < 0) {
            throw Descriptors.failure("mmap", address, "anonymous, size=0x%x".formatted(size));
        }
        return new SparseMemory(size, pageSize, collectable(address, size));
    }

    /// Asks the system for pages of 2 MiB, of which it takes whole ones wherever a byte is written
    /// from then on: fewer look-ups of addresses, more memory in use. A wish: a system that has
    /// none ([transparent huge pages](https://docs.kernel.org/admin-guide/mm/transhuge.html) set to
    /// `never`) goes on with small ones.
    ///
    /// @return this
    public SparseMemory preferHugePages() {
        var _ = MappingCalls.madvise(CallState.current(), segment().address(), size, MADV_HUGEPAGE);
        return this;
    }

    /// Bytes, as asked for.
    public long size() {
        return size;
    }

    /// The whole memory, the same each time. Do not touch it after [#close()]: what is written then
    /// takes up room again.
    ///
    /// @throws IllegalStateException after close
    public MemorySegment segment() {
        MemorySegment open = segment;
        if (open == null) {
            throw new IllegalStateException("sparse memory: closed (expected: open)");
        }
        return open;
    }

    /// Makes a range zero again. The room that its whole pages take up goes back to the system.
    ///
    /// @param offset first byte
    /// @param length bytes; 0 does nothing
    /// @throws IndexOutOfBoundsException if the range is not within the memory
    /// @throws IllegalStateException after close
    public void release(long offset, long length) {
        Objects.checkFromIndexSize(offset, length, size);
        MemorySegment memory = segment();
        long end = offset + length;
        long firstPage = Math.min(roundUp(offset), end);
        long lastPage = Math.max(end == size ? end : end - end % pageSize, firstPage);
        memory.asSlice(offset, firstPage - offset).fill((byte) 0);
        discard(memory, firstPage, lastPage - firstPage);
        memory.asSlice(lastPage, end - lastPage).fill((byte) 0);
    }

    /// Gives the room back at once, and the addresses when the segment is unreachable; idempotent.
    @Override
    public synchronized void close() {
        MemorySegment memory = segment;
        if (memory != null) {
            segment = null;
            discard(memory, 0, size);
        }
    }

    private long roundUp(long offset) {
        long past = offset % pageSize;
        return past == 0 ? offset : offset + pageSize - past;
    }

    private static void discard(MemorySegment memory, long offset, long length) {
        if (length == 0) {
            return;
        }
        long address = memory.address() + offset;
        int result = MappingCalls.madvise(CallState.current(), address, length, MADV_DONTNEED);
        if (result < 0) {
            throw Descriptors.failure(
                    "madvise", result, "address=0x%x, size=0x%x".formatted(address, length));
        }
    }

    @SuppressWarnings("restricted") // the address is a range that mmap has just given us
    private static MemorySegment collectable(long address, long size) {
        return MemorySegment.ofAddress(address)
                .reinterpret(size, Arena.ofAuto(), _ -> unmap(address, size));
    }

    private static void unmap(long address, long size) {
        int result = MappingCalls.munmap(CallState.current(), address, size);
        if (result < 0) {
            throw Descriptors.failure(
                    "munmap", result, "address=0x%x, size=0x%x".formatted(address, size));
        }
    }
}
