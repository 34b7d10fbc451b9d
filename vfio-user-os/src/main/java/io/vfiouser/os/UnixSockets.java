package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.MemorySegment;

/// What Netty's `Socket` cannot do with Unix sockets.
public final class UnixSockets {
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SOCK_CLOEXEC = 0x80000;

    private UnixSockets() {}

    /// Makes two stream sockets that are connected to each other, non-blocking, closed on exec.
    ///
    /// @return the two ends, owned by the caller
    /// @throws NativeCallException with EMFILE if the limit of open files is reached
    public static FileDescriptor[] pair() {
        CallState state = CallState.current();
        MemorySegment memory = state.memory();
        int type = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
        int result = Libc.socketpair(state, AF_UNIX, type, memory.address());
        if (result < 0) {
            throw Descriptors.failure("socketpair", result, "AF_UNIX");
        }
        return new FileDescriptor[] {
            new FileDescriptor(memory.get(JAVA_INT, 0)),
            new FileDescriptor(memory.get(JAVA_INT, Integer.BYTES))
        };
    }
}
