package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;

/// One range of addresses that the kernel gave us, given back exactly once.
final class MappedRange {
    static final int PROT_READ = 1;
    static final int PROT_WRITE = 2;
    static final int MAP_SHARED = 1;
    static final int MAP_FIXED = 0x10;

    private static final int RETRIES_AFTER_COLLECTION = 5;
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
            result = mapAfterCollection(fd, offset, size, protection);
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
        int result = Libc.fstatfs(state, fd.intValue(), memory.address());
        if (result < 0) {
            throw Descriptors.failure("fstatfs", result, "fd=" + fd.intValue());
        }
        return memory.get(JAVA_LONG, StructLayouts.STATFS_TYPE) == HUGETLBFS_MAGIC
                ? memory.get(JAVA_LONG, StructLayouts.STATFS_BLOCK_SIZE)
                : Libc.getpagesize();
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
        int result = Libc.munmap(CallState.current(), address, size);
        if (result < 0) {
            throw Descriptors.failure(
                    "munmap", result, "address=0x%x, size=0x%x".formatted(address, size));
        }
    }

    private static long tryMap(FileDescriptor fd, long offset, long size, Protection protection) {
        int access = protection.isWritable() ? PROT_READ | PROT_WRITE : PROT_READ;
        return Libc.mmap(CallState.current(), 0, size, access, MAP_SHARED, fd.intValue(), offset);
    }

    /// Addresses under a tombstone come back only when the collector has seen that no segment is
    /// left, so running out of them is answered with a collection before it is an error.
    private static long mapAfterCollection(
            FileDescriptor fd, long offset, long size, Protection protection) {
        System.gc();
        long result = -Errno.ENOMEM.number();
        for (int i = 0; i < RETRIES_AFTER_COLLECTION && result == -Errno.ENOMEM.number(); i++) {
            try {
                Thread.sleep(1L << i);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return result;
            }
            result = tryMap(fd, offset, size, protection);
        }
        return result;
    }
}
