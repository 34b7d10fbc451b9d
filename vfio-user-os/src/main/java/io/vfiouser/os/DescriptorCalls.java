package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/// Flags and seals of descriptors. See [Libc].
final class DescriptorCalls {
    private static final MethodHandle FCNTL =
            Libc.link("fcntl", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT)
                    .with(Libc.ERRNO, Libc.CRITICAL, Linker.Option.firstVariadicArg(2));

    private DescriptorCalls() {}

    static int fcntl(CallState state, int fd, int command, int argument) {
        try {
            int result = (int) FCNTL.invokeExact(state.captured(), fd, command, argument);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }
}
