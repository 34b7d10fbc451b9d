package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/// Requests to the kernel that nobody waits for. See [Libc].
final class RequestCalls {
    private static final MethodHandle IO_SUBMIT =
            Libc.link("syscall", JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG)
                    .with(Linker.Option.firstVariadicArg(1));

    private RequestCalls() {}

    /// One request, whose address lies at `requests`; without asking for errno, -1 if it failed.
    static long ioSubmitPlain(long context, long requests) {
        try {
            return (long)
                    IO_SUBMIT.invokeExact(
                            (long) SystemCall.IO_SUBMIT.number(), context, 1L, requests);
        } catch (Throwable t) {
            throw Libc.unexpected(t);
        }
    }
}
