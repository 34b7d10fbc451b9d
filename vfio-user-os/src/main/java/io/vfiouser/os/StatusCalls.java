package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/// What files and file systems are. See [Libc].
final class StatusCalls {
    private static final MethodHandle STATX =
            Libc.link("statx", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG)
                    .with(Libc.ERRNO);
    private static final MethodHandle FSTATFS =
            Libc.link("fstatfs", JAVA_INT, JAVA_INT, JAVA_LONG).with(Libc.ERRNO);

    private StatusCalls() {}

    static int statx(CallState state, int fd, long path, int flags, int mask, long result) {
        try {
            int outcome = (int) STATX.invokeExact(state.captured(), fd, path, flags, mask, result);
            return outcome >= 0 ? outcome : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static int fstatfs(CallState state, int fd, long result) {
        try {
            int outcome = (int) FSTATFS.invokeExact(state.captured(), fd, result);
            return outcome >= 0 ? outcome : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }
}
