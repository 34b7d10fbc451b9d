package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/// Processes, users, and system calls without a function of their own. See [Libc].
final class ProcessCalls {
    private static final MethodHandle EXECVE =
            Libc.link("execve", JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG).with(Libc.ERRNO);
    private static final MethodHandle GETPWNAM = Libc.link("getpwnam", JAVA_LONG, JAVA_LONG).with();
    private static final MethodHandle SYSCALL =
            Libc.link(
                            "syscall", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
                            JAVA_LONG, JAVA_LONG)
                    .with(Libc.ERRNO, Linker.Option.firstVariadicArg(1));

    private ProcessCalls() {}

    /// Returns only if it could not be done.
    static int execve(CallState state, long path, long arguments, long environment) {
        try {
            int result = (int) EXECVE.invokeExact(state.captured(), path, arguments, environment);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    /// The address of a structure that the next call overwrites, or 0.
    static long getpwnam(long name) {
        try {
            return (long) GETPWNAM.invokeExact(name);
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }

    /// What the C library has no function for, or one that does more than the system call; a fifth
    /// argument is 0.
    static long syscall(
            CallState state, SystemCall call, long first, long second, long third, long fourth) {
        try {
            long result =
                    (long)
                            SYSCALL.invokeExact(
                                    state.captured(),
                                    (long) call.number(),
                                    first,
                                    second,
                                    third,
                                    fourth,
                                    0L);
            return result >= 0 ? result : -state.errno();
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }
}
