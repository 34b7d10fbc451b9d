package io.vfiouser.os;

import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.io.UncheckedIOException;

/// What can be done with any descriptor.
public final class Descriptors {
    private static final int F_SETFD = 2;
    private static final int FD_CLOEXEC = 1;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_ACCMODE = 3;

    private Descriptors() {}

    /// Closes a descriptor; nothing happens if it is closed already.
    ///
    /// @param fd ends here
    /// @throws UncheckedIOException if the kernel reports an error; the descriptor is gone all the
    ///   same
    public static void close(FileDescriptor fd) {
        try {
            fd.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Makes a second descriptor for the same open file, closed on exec.
    ///
    /// @param fd stays the caller's
    /// @return a new descriptor, owned by the caller
    /// @throws NativeCallException with EMFILE if the limit of open files is reached
    public static FileDescriptor duplicate(FileDescriptor fd) {
        int copy = DescriptorCalls.fcntl(CallState.current(), fd.intValue(), F_DUPFD_CLOEXEC, 0);
        if (copy < 0) {
            throw failure("fcntl", copy, "fd=" + fd.intValue() + ", F_DUPFD_CLOEXEC");
        }
        return new FileDescriptor(copy);
    }

    /// Whether calls on the open file return at once instead of blocking (`O_NONBLOCK`).
    ///
    /// The flag belongs to the open file, not to the descriptor: whoever shares it can change it at
    /// any time.
    public static boolean isNonBlocking(FileDescriptor fd) {
        return (statusFlags(fd) & O_NONBLOCK) != 0;
    }

    /// How the file was opened: 0 for reading, 1 for writing, 2 for both (`O_ACCMODE`).
    public static int accessMode(FileDescriptor fd) {
        return statusFlags(fd) & O_ACCMODE;
    }

    /// Makes calls on the open file return at once instead of blocking (`O_NONBLOCK`), for all who
    /// share it.
    public static void setNonBlocking(FileDescriptor fd) {
        setStatusFlags(fd, statusFlags(fd) | O_NONBLOCK);
    }

    /// Makes calls on the open file wait, for all who share it: the opposite of [#setNonBlocking].
    public static void setBlocking(FileDescriptor fd) {
        setStatusFlags(fd, statusFlags(fd) & ~O_NONBLOCK);
    }

    /// Keeps the descriptor from programs that this process starts (`FD_CLOEXEC`).
    public static void setCloseOnExec(FileDescriptor fd) {
        int result = DescriptorCalls.fcntl(CallState.current(), fd.intValue(), F_SETFD, FD_CLOEXEC);
        if (result < 0) {
            throw failure("fcntl", result, "fd=" + fd.intValue() + ", F_SETFD");
        }
    }

    /// The exception for a call (see [Libc]) that returned minus errno.
    static NativeCallException failure(String call, long result, String arguments) {
        return new NativeCallException(call, Errno.of((int) -result), arguments);
    }

    private static void setStatusFlags(FileDescriptor fd, int flags) {
        int result = DescriptorCalls.fcntl(CallState.current(), fd.intValue(), F_SETFL, flags);
        if (result < 0) {
            throw failure("fcntl", result, "fd=" + fd.intValue() + ", F_SETFL");
        }
    }

    private static int statusFlags(FileDescriptor fd) {
        int flags = DescriptorCalls.fcntl(CallState.current(), fd.intValue(), F_GETFL, 0);
        if (flags < 0) {
            throw failure("fcntl", flags, "fd=" + fd.intValue() + ", F_GETFL");
        }
        return flags;
    }
}
