package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// What the kernel says about an open file.
///
/// @param kind what sort of file it is
/// @param size bytes; 0 for what has no size
/// @param blockSize preferred unit of transfer in bytes; the huge page size on hugetlbfs
/// @param device identifies the file system: major number in the upper half, minor in the lower
/// @param inode identifies the file within it
public record FileStatus(Kind kind, long size, long blockSize, long device, long inode) {
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int S_IFMT = 0xf000;
    private static final MemorySegment EMPTY_PATH = Arena.global().allocate(1);

    /// The sorts of file that a descriptor can stand for.
    public enum Kind {
        /// A file with content of its own, memfds included.
        REGULAR,
        /// A directory.
        DIRECTORY,
        /// A pipe or named pipe.
        PIPE,
        /// A socket.
        SOCKET,
        /// A character device.
        CHARACTER,
        /// A block device.
        BLOCK,
        /// None of the above, such as an eventfd.
        ANONYMOUS;

        private static Kind ofMode(int mode) {
            return switch (mode & S_IFMT) {
                case 0x8000 -> REGULAR;
                case 0x4000 -> DIRECTORY;
                case 0x1000 -> PIPE;
                case 0xc000 -> SOCKET;
                case 0x2000 -> CHARACTER;
                case 0x6000 -> BLOCK;
                default -> ANONYMOUS;
            };
        }
    }

    /// Whether this is of the same file as `other`.
    public boolean isSameFile(FileStatus other) {
        return device == other.device && inode == other.inode;
    }

    /// Asks about an open descriptor, which stays the caller's.
    ///
    /// @throws NativeCallException with EBADF if it is not open
    public static FileStatus of(FileDescriptor fd) {
        CallState state = CallState.current();
        MemorySegment memory = state.memory();
        int result =
                StatusCalls.statx(
                        state,
                        fd.intValue(),
                        EMPTY_PATH.address(),
                        AT_EMPTY_PATH,
                        STATX_BASIC_STATS,
                        memory.address());
        if (result < 0) {
            throw Descriptors.failure("statx", result, "fd=" + fd.intValue());
        }
        long major = memory.get(JAVA_INT, StructLayouts.STATX_DEVICE_MAJOR);
        int minor = memory.get(JAVA_INT, StructLayouts.STATX_DEVICE_MINOR);
        return new FileStatus(
                Kind.ofMode(memory.get(JAVA_SHORT, StructLayouts.STATX_MODE)),
                memory.get(JAVA_LONG, StructLayouts.STATX_FILE_SIZE),
                Integer.toUnsignedLong(memory.get(JAVA_INT, StructLayouts.STATX_BLOCK_SIZE)),
                major << 32 | Integer.toUnsignedLong(minor),
                memory.get(JAVA_LONG, StructLayouts.STATX_INODE));
    }
}
