package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// One range of addresses that the kernel gave us, given back exactly once.
final class MappedRange {
    static final int PROT_READ = 1;
    static final int PROT_WRITE = 2;
    static final int MAP_SHARED = 1;
    static final int MAP_FIXED = 0x10;

    private static final int MREMAP_MAYMOVE = 1;
    private static final int MREMAP_DONTUNMAP = 4;

    /// Given back in less than a few milliseconds.
    private static final long LARGE = 16 << 20;

    private static final long COLLECTION_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final AtomicLong LAST_COLLECTION =
            new AtomicLong(System.nanoTime() - COLLECTION_INTERVAL_NANOS);

    private static final long HUGETLBFS_MAGIC = 0x958458f6L;

    private final long address;
    private final long size;
    private final AtomicBoolean returned = new AtomicBoolean();

    private MappedRange(long address, long size) {
        this.address = address;
        this.size = size;
    }

    /// Maps a range of a file. Both `offset` and `size` are multiples of the file's [#grain].
    static MappedRange map(FileDescriptor fd, long offset, long size, Protection protection) {
        long result = tryMap(fd, offset, size, protection);
        if (result == -Errno.ENOMEM.number()) {
            askForCollection();
        }
        if (result < 0) {
            throw Descriptors.failure(
                    "mmap",
                    result,
                    "fd=%d, offset=0x%x, size=0x%x, %s"
                            .formatted(fd.intValue(), offset, size, protection));
        }
        return new MappedRange(result, size);
    }

    /// The unit in which a file can be mapped: its huge page size on hugetlbfs, else a page.
    static long grain(FileDescriptor fd) {
        CallState state = CallState.current();
        MemorySegment memory = state.memory();
        int result = StatusCalls.fstatfs(state, fd.intValue(), memory.address());
        if (result < 0) {
            throw Descriptors.failure("fstatfs", result, "fd=" + fd.intValue());
        }
        return memory.get(JAVA_LONG, StructLayouts.STATFS_TYPE) == HUGETLBFS_MAGIC
                ? memory.get(JAVA_LONG, StructLayouts.STATFS_BLOCK_SIZE)
                : MappingCalls.getpagesize();
    }

    long address() {
        return address;
    }

    long size() {
        return size;
    }

    /// Gives the addresses back, unless that happened already. Nothing may point into them.
    void unmap() {
        if (!returned.compareAndSet(false, true)) {
            return;
        }
        int result = MappingCalls.munmap(CallState.current(), address, size);
        if (result < 0) {
            throw Descriptors.failure(
                    "munmap", result, "address=0x%x, size=0x%x".formatted(address, size));
        }
    }

    /// As [#unmap], by another thread if that may take long: who is the last to have some memory
    /// gives it back page by page.
    void unmapSoon() {
        if (size < LARGE || SlowCloses.SHARED.isCrowded()) {
            unmap();
        } else {
            SlowCloses.SHARED.add(this::unmap);
        }
    }

    /// Has another thread be the last user of a large range's memory, which is still mapped here
    /// but about to be replaced. Where the kernel cannot do that (before 5.13) nothing happens.
    void setAside() {
        if (size < LARGE || SlowCloses.SHARED.isCrowded()) {
            return;
        }
        long aside =
                MappingCalls.mremap(
                        CallState.current(),
                        address,
                        size,
                        size,
                        MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
        if (aside > 0) {
            SlowCloses.SHARED.add(new MappedRange(aside, size)::unmap);
        }
    }

    private static long tryMap(FileDescriptor fd, long offset, long size, Protection protection) {
        int access = protection.isWritable() ? PROT_READ | PROT_WRITE : PROT_READ;
        return MappingCalls.mmap(
                CallState.current(), 0, size, access, MAP_SHARED, fd.intValue(), offset);
    }

    /// Addresses under a tombstone come back only when the collector has seen that no segment is
    /// left. Running out of them is an error now, and asks for a collection in the background, so
    /// that it does not last: at most one in a while, because a client can bring this about at
    /// will.
    private static void askForCollection() {
        long now = System.nanoTime();
        long last = LAST_COLLECTION.get();
        if (now - last >= COLLECTION_INTERVAL_NANOS && LAST_COLLECTION.compareAndSet(last, now)) {
            Thread.ofPlatform().daemon().name("vfio-user-mappings").start(System::gc);
        }
    }
}
