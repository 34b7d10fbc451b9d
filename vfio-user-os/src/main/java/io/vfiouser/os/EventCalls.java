package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/// eventfds, and waiting for descriptors. See [Libc].
final class EventCalls {
    private static final MethodHandle EVENTFD =
            Libc.link("eventfd", JAVA_INT, JAVA_INT, JAVA_INT).with(Libc.ERRNO);
    private static final MethodHandle WRITE =
            Libc.link("write", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG).with(Libc.ERRNO);
    private static final MethodHandle READ =
            Libc.link("read", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG).with(Libc.ERRNO);
    private static final MethodHandle POLL =
            Libc.link("poll", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT).with(Libc.ERRNO);
    private static final MethodHandle POLL_NOW =
            Libc.link("poll", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT)
                    .with(Libc.ERRNO, Libc.CRITICAL);
    private static final MethodHandle PREADV2 =
            Libc.link("preadv2", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT)
                    .with(Libc.ERRNO, Libc.CRITICAL);

    private EventCalls() {}

    static int eventfd(CallState state, int initial, int flags) {
        try {
            int result = (int) EVENTFD.invokeExact(state.captured(), initial, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static long write(CallState state, int fd, long from, long size) {
        try {
            long result = (long) WRITE.invokeExact(state.captured(), fd, from, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static long read(CallState state, int fd, long into, long size) {
        try {
            long result = (long) READ.invokeExact(state.captured(), fd, into, size);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static int poll(CallState state, long pollfds, long count, int timeoutMillis) {
        try {
            int result = (int) POLL.invokeExact(state.captured(), pollfds, count, timeoutMillis);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    /// `poll` with a timeout of zero.
    static int pollNow(CallState state, long pollfds, long count) {
        try {
            int result = (int) POLL_NOW.invokeExact(state.captured(), pollfds, count, 0);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    /// Only with `RWF_NOWAIT`, hence critical.
    static long preadv2(CallState state, int fd, long iovecs, int count, long offset, int flags) {
        try {
            long result =
                    (long) PREADV2.invokeExact(state.captured(), fd, iovecs, count, offset, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }
}
