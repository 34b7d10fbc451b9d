package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Closes what came from a peer, without waiting for it.
///
/// The last close of an open file can take as long as the peer likes: a socket with `SO_LINGER`, a
/// file of a file system that the peer serves, memory of many GiB that is given back page by page.
/// Only small memfds, eventfds and pipes are known to be closed in no time; all else is closed by
/// threads that do nothing else ([SlowCloses]).
///
/// May be used from any thread.
public final class PeerDescriptors {
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_STATX_DONT_SYNC = 0x4000;
    private static final int STATX_TYPE = 0x1;
    private static final int STATX_BLOCKS = 0x400;
    private static final int S_IFMT = 0xf000;
    private static final int S_IFIFO = 0x1000;
    private static final int S_IFSOCK = 0xc000;
    private static final MemorySegment EMPTY_PATH = Arena.global().allocate(1);

    /// Of 512 bytes each: 16 MiB, which are given back in less than a millisecond.
    private static final long MOST_BLOCKS = 16 << 11;

    /// The file system of memfds, which is the kernel's own.
    private static final long MEMORY_DEVICE = memoryDevice();

    private PeerDescriptors() {}

    /// Closes a descriptor that a peer has sent: before this returns if that takes no time, else
    /// soon.
    ///
    /// @param fd ends here; nothing happens if it is closed already
    public static void close(FileDescriptor fd) {
        if (!fd.isOpen()) {
            return;
        }
        if (closesAtOnce(fd)) {
            Descriptors.close(fd);
        } else {
            SlowCloses.SHARED.add(fd);
        }
    }

    /// Closes a connection to a peer soon: descriptors may be on their way in it, which are closed
    /// with it.
    ///
    /// @param socket nobody may use it any more
    public static void closeConnection(FileDescriptor socket) {
        if (socket.isOpen()) {
            SlowCloses.SHARED.add(socket);
        }
    }

    /// How many closes, and releases of large memory, have begun or are to begin and have not
    /// ended.
    public static int pending() {
        return SlowCloses.SHARED.pending();
    }

    static boolean isSocket(FileDescriptor fd) {
        CallState state = CallState.current();
        return statx(state, fd) >= 0
                && (state.memory().get(JAVA_SHORT, StructLayouts.STATX_MODE) & S_IFMT) == S_IFSOCK;
    }

    private static boolean closesAtOnce(FileDescriptor fd) {
        CallState state = CallState.current();
        if (statx(state, fd) < 0) {
            return false;
        }
        MemorySegment memory = state.memory();
        if (device(memory) == MEMORY_DEVICE) {
            return memory.get(JAVA_LONG, StructLayouts.STATX_BLOCKS) <= MOST_BLOCKS;
        }
        int type = memory.get(JAVA_SHORT, StructLayouts.STATX_MODE) & S_IFMT;
        return type == S_IFIFO || (type == 0 && EventFd.isEventFd(fd));
    }

    /// Of what the kernel knows without asking a file system's server.
    private static int statx(CallState state, FileDescriptor fd) {
        return StatusCalls.statx(
                state,
                fd.intValue(),
                EMPTY_PATH.address(),
                AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
                STATX_TYPE | STATX_BLOCKS,
                state.memory().address());
    }

    private static long memoryDevice() {
        CallState state = CallState.current();
        int result = statx(state, Tombstone.emptyFile());
        if (result < 0) {
            throw Descriptors.failure("statx", result, "memfd");
        }
        return device(state.memory());
    }

    private static long device(MemorySegment memory) {
        long major = memory.get(JAVA_INT, StructLayouts.STATX_DEVICE_MAJOR);
        int minor = memory.get(JAVA_INT, StructLayouts.STATX_DEVICE_MINOR);
        return major << 32 | Integer.toUnsignedLong(minor);
    }
}
