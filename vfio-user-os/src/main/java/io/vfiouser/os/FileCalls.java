package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/// Files: opening, reading, writing, locking. See [Libc].
final class FileCalls {
    private static final MethodHandle OPEN =
            Libc.link("open", JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT)
                    .with(Libc.ERRNO, Linker.Option.firstVariadicArg(2));
    private static final MethodHandle FDATASYNC =
            Libc.link("fdatasync", JAVA_INT, JAVA_INT).with(Libc.ERRNO);
    private static final MethodHandle PREADV =
            Libc.link("preadv", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG)
                    .with(Libc.ERRNO);
    private static final MethodHandle PWRITEV =
            Libc.link("pwritev", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG)
                    .with(Libc.ERRNO);
    private static final MethodHandle PREADV2_WAITING =
            Libc.link("preadv2", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT)
                    .with(Libc.ERRNO);
    private static final MethodHandle PWRITEV2 =
            Libc.link("pwritev2", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT)
                    .with(Libc.ERRNO);
    private static final MethodHandle LSEEK =
            Libc.link("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT).with(Libc.ERRNO);
    private static final MethodHandle FLOCK =
            Libc.link("flock", JAVA_INT, JAVA_INT, JAVA_INT).with(Libc.ERRNO);

    private FileCalls() {}

    static int open(CallState state, long path, int flags, int mode) {
        try {
            int result = (int) OPEN.invokeExact(state.captured(), path, flags, mode);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static int fdatasync(CallState state, int fd) {
        try {
            int result = (int) FDATASYNC.invokeExact(state.captured(), fd);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static long preadv(CallState state, int fd, long iovecs, int count, long offset) {
        try {
            long result = (long) PREADV.invokeExact(state.captured(), fd, iovecs, count, offset);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static long pwritev(CallState state, int fd, long iovecs, int count, long offset) {
        try {
            long result = (long) PWRITEV.invokeExact(state.captured(), fd, iovecs, count, offset);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    /// For files, whose reads copy much or wait for the disk, hence not critical.
    static long preadv2Waiting(
            CallState state, int fd, long iovecs, int count, long offset, int flags) {
        try {
            long result =
                    (long)
                            PREADV2_WAITING.invokeExact(
                                    state.captured(), fd, iovecs, count, offset, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static long pwritev2(CallState state, int fd, long iovecs, int count, long offset, int flags) {
        try {
            long result =
                    (long) PWRITEV2.invokeExact(state.captured(), fd, iovecs, count, offset, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static long lseek(CallState state, int fd, long offset, int whence) {
        try {
            long result = (long) LSEEK.invokeExact(state.captured(), fd, offset, whence);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static int flock(CallState state, int fd, int operation) {
        try {
            int result = (int) FLOCK.invokeExact(state.captured(), fd, operation);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }
}
