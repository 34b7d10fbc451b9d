package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/// Timers that are descriptors. See [Libc].
final class TimerCalls {
    private static final MethodHandle TIMERFD_CREATE =
            Libc.link("timerfd_create", JAVA_INT, JAVA_INT, JAVA_INT).with(Libc.ERRNO);
    private static final MethodHandle TIMERFD_SETTIME =
            Libc.link("timerfd_settime", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG)
                    .with(Libc.ERRNO);

    private TimerCalls() {}

    static int timerfdCreate(CallState state, int clock, int flags) {
        try {
            int result = (int) TIMERFD_CREATE.invokeExact(state.captured(), clock, flags);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    /// Of a time from now on; the old setting is not asked for.
    static int timerfdSettime(CallState state, int fd, long setting) {
        try {
            int result = (int) TIMERFD_SETTIME.invokeExact(state.captured(), fd, 0, setting, 0L);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }
}
