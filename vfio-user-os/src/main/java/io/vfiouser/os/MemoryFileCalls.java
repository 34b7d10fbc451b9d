package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/// Making files of memory that others can map, and sizes of any files. See [Libc].
final class MemoryFileCalls {
    private static final MethodHandle MEMFD_CREATE =
            Libc.link("memfd_create", JAVA_INT, JAVA_LONG, JAVA_INT).with(Libc.ERRNO);
    private static final MethodHandle FTRUNCATE =
            Libc.link("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG).with(Libc.ERRNO);
    private static final MethodHandle FALLOCATE =
            Libc.link("fallocate", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG)
                    .with(Libc.ERRNO);

    private MemoryFileCalls() {}

    static int memfdCreate(CallState state, long name, int flags) {
        try {
            int result = (int) MEMFD_CREATE.invokeExact(state.captured(), name, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static int ftruncate(CallState state, int fd, long size) {
        try {
            int result = (int) FTRUNCATE.invokeExact(state.captured(), fd, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static int fallocate(CallState state, int fd, int mode, long offset, long size) {
        try {
            int result = (int) FALLOCATE.invokeExact(state.captured(), fd, mode, offset, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }
}
