package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.MemorySegment;

/// Who is at the other end of a Unix socket, as the kernel noted when it was connected.
///
/// @param pid the peer's process id, 0 if it is outside our pid namespace
/// @param uid its effective user id
/// @param gid its effective group id
public record PeerCredentials(int pid, int uid, int gid) {
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    private static final int LENGTH_OFFSET = 16;

    /// Asks about a connected socket, which stays the caller's.
    ///
    /// @throws NativeCallException with ENOTSOCK or EBADF if it is not a socket
    public static PeerCredentials of(FileDescriptor socket) {
        CallState state = CallState.current();
        MemorySegment memory = state.memory();
        memory.set(JAVA_INT, LENGTH_OFFSET, StructLayouts.UCRED_SIZE);
        long value = memory.address();
        int result =
                SocketCalls.getsockopt(
                        state,
                        socket.intValue(),
                        SOL_SOCKET,
                        SO_PEERCRED,
                        value,
                        value + LENGTH_OFFSET);
        if (result < 0) {
            throw Descriptors.failure(
                    "getsockopt", result, "fd=" + socket.intValue() + ", SO_PEERCRED");
        }
        return new PeerCredentials(
                memory.get(JAVA_INT, StructLayouts.UCRED_PID),
                memory.get(JAVA_INT, StructLayouts.UCRED_UID),
                memory.get(JAVA_INT, StructLayouts.UCRED_GID));
    }
}
