package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/// Giving a socket its place in the file system. See [Libc].
final class AddressCalls {
    private static final MethodHandle BIND =
            Libc.link("bind", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT).with(Libc.ERRNO);
    private static final MethodHandle FCHMODAT =
            Libc.link("fchmodat", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_INT)
                    .with(Libc.ERRNO);

    private AddressCalls() {}

    static int bind(CallState state, int fd, long address, int size) {
        try {
            int result = (int) BIND.invokeExact(state.captured(), fd, address, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static int fchmodat(CallState state, int directory, long path, int mode, int flags) {
        try {
            int result = (int) FCHMODAT.invokeExact(state.captured(), directory, path, mode, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }
}
