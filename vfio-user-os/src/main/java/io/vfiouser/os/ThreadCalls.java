package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.invoke.MethodHandle;

/// Where threads run. See [Libc].
final class ThreadCalls {
    private static final MethodHandle SCHED_SETAFFINITY =
            Libc.link("sched_setaffinity", JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG)
                    .with(Libc.ERRNO);

    private ThreadCalls() {}

    /// Of the calling thread, which is task 0.
    static int schedSetaffinity(CallState state, long maskSize, long mask) {
        try {
            int result = (int) SCHED_SETAFFINITY.invokeExact(state.captured(), 0, maskSize, mask);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }
}
