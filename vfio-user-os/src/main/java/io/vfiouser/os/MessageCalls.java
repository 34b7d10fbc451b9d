package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/// Messages of a connection, which round trips are made of; with errno, and without it for those
/// that rarely fail. See [Libc].
final class MessageCalls {
    private static final MethodHandle RECVMSG =
            Libc.link("recvmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT).with(Libc.ERRNO);
    private static final MethodHandle RECVMSG_PLAIN =
            Libc.link("recvmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT).with();
    private static final MethodHandle SENDMSG =
            Libc.link("sendmsg", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT).with(Libc.ERRNO);
    private static final MethodHandle SEND =
            Libc.link("send", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT).with(Libc.ERRNO);
    private static final MethodHandle SEND_PLAIN =
            Libc.link("send", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT).with();

    private MessageCalls() {}

    static long recvmsg(CallState state, int fd, long header, int flags) {
        state.countMessageCall();
        try {
            long result = (long) RECVMSG.invokeExact(state.captured(), fd, header, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    /// `recvmsg` without asking for errno, which costs an object a call; -1 if it failed.
    static long recvmsgPlain(CallState state, int fd, long header, int flags) {
        state.countMessageCall();
        try {
            return (long) RECVMSG_PLAIN.invokeExact(fd, header, flags);
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static long sendmsg(CallState state, int fd, long header, int flags) {
        state.countMessageCall();
        try {
            long result = (long) SENDMSG.invokeExact(state.captured(), fd, header, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    static long send(CallState state, int fd, long from, long size, int flags) {
        state.countMessageCall();
        try {
            long result = (long) SEND.invokeExact(state.captured(), fd, from, size, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    /// `send` without asking for errno, as [#recvmsgPlain]; -1 if it failed.
    static long sendPlain(CallState state, int fd, long from, long size, int flags) {
        state.countMessageCall();
        try {
            return (long) SEND_PLAIN.invokeExact(fd, from, size, flags);
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }
}
