package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/// Address ranges. See [Libc].
final class MappingCalls {
    private static final MethodHandle MMAP =
            Libc.link(
                            "mmap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT,
                            JAVA_LONG)
                    .with(Libc.ERRNO);
    private static final MethodHandle MUNMAP =
            Libc.link("munmap", JAVA_INT, JAVA_LONG, JAVA_LONG).with(Libc.ERRNO);
    private static final MethodHandle MREMAP =
            Libc.link("mremap", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT)
                    .with(Libc.ERRNO, Linker.Option.firstVariadicArg(4));
    private static final MethodHandle MADVISE =
            Libc.link("madvise", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT).with(Libc.ERRNO);
    private static final MethodHandle GETPAGESIZE =
            Libc.link("getpagesize", JAVA_INT).with(Libc.CRITICAL);

    private MappingCalls() {}

    /// The address, which is positive in user space.
    static long mmap(
            CallState state, long hint, long size, int protection, int flags, int fd, long offset) {
        try {
            long result =
                    (long)
                            MMAP.invokeExact(
                                    state.captured(), hint, size, protection, flags, fd, offset);
            return result != -1 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static int munmap(CallState state, long address, long size) {
        try {
            int result = (int) MUNMAP.invokeExact(state.captured(), address, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    /// To addresses that the kernel chooses; see [#mmap].
    static long mremap(CallState state, long address, long size, long newSize, int flags) {
        try {
            long result =
                    (long) MREMAP.invokeExact(state.captured(), address, size, newSize, flags);
            return result != -1 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static int madvise(CallState state, long address, long size, int advice) {
        try {
            int result = (int) MADVISE.invokeExact(state.captured(), address, size, advice);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static int getpagesize() {
        try {
            return (int) GETPAGESIZE.invokeExact();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }
}
