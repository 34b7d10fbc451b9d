package io.vfiouser.devices.block.memory;

import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.os.SparseMemory;
import java.lang.foreign.MemorySegment;

/// Where the blocks of a memory disk are.
sealed interface DiskMemory extends AutoCloseable {
    /// Bytes.
    long size();

    /// All of it, the same each time.
    MemorySegment segment();

    /// Makes a range zero and gives back the room that it took up.
    void release(long offset, long length);

    /// Asks for pages of 2 MiB for what is written from now on; a wish.
    void preferHugePages();

    /// What another process can take it over with, owned by the caller.
    FdBundle share();

    /// Takes over what [#share] gave in another process.
    void adopt(FdBundle files);

    @Override
    void close();

    /// Of this process alone.
    ///
    /// @param memory closed with this
    record Own(SparseMemory memory) implements DiskMemory {
        @Override
        public long size() {
            return memory.size();
        }

        @Override
        public MemorySegment segment() {
            return memory.segment();
        }

        @Override
        public void release(long offset, long length) {
            memory.release(offset, length);
        }

        @Override
        public void preferHugePages() {
            var _ = memory.preferHugePages();
        }

        @Override
        public FdBundle share() {
            throw new DeviceException(
                    Errno.ENOTSUP, "memory disk: shared=false (expected: true, to be handed over)");
        }

        @Override
        public void adopt(FdBundle files) {
            throw new DeviceException(
                    Errno.ENOTSUP, "memory disk: shared=false (expected: true, to take one over)");
        }

        @Override
        public void close() {
            memory.close();
        }
    }

    /// In a memfd.
    ///
    /// @param memory closed with this
    record Shared(SharedMemory memory) implements DiskMemory {
        @Override
        public long size() {
            return memory.size();
        }

        @Override
        public MemorySegment segment() {
            return memory.segment();
        }

        @Override
        public void release(long offset, long length) {
            memory.release(offset, length);
        }

        /// Left to the system's setting for shared memory (`shmem_enabled`).
        @Override
        public void preferHugePages() {}

        @Override
        public FdBundle share() {
            return memory.share();
        }

        @Override
        public void adopt(FdBundle files) {
            if (files.count() != 1) {
                throw new DeviceException(
                        Errno.EINVAL, "files: " + files.count() + " (expected: one memory)");
            }
            memory.adopt(files, 0);
        }

        @Override
        public void close() {
            memory.close();
        }
    }
}
