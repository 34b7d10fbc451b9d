package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/// Making sockets and connecting them. See [Libc].
final class SocketCalls {
    private static final MethodHandle SOCKETPAIR =
            Libc.link("socketpair", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG)
                    .with(Libc.ERRNO);
    private static final MethodHandle CONNECT =
            Libc.link("connect", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT).with(Libc.ERRNO);
    private static final MethodHandle GETSOCKOPT =
            Libc.link("getsockopt", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG)
                    .with(Libc.ERRNO);

    private SocketCalls() {}

    static int socketpair(CallState state, int domain, int type, long descriptors) {
        try {
            int result =
                    (int) SOCKETPAIR.invokeExact(state.captured(), domain, type, 0, descriptors);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static int connect(CallState state, int fd, long address, int size) {
        try {
            int result = (int) CONNECT.invokeExact(state.captured(), fd, address, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static int getsockopt(CallState state, int fd, int level, int option, long value, long size) {
        try {
            int result =
                    (int) GETSOCKOPT.invokeExact(state.captured(), fd, level, option, value, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }
}
