package io.vfiouser.os;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.netty.channel.unix.FileDescriptor;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// What Netty's `Socket` cannot do with Unix sockets.
public final class UnixSockets {
    /// Longest path of a socket in bytes, without the NUL that ends it.
    public static final int MAX_PATH_SIZE = StructLayouts.SOCKADDR_UN_PATH_SIZE - 1;

    private static final int SOL_SOCKET = 1;
    private static final int LENGTH_OFFSET = 16;
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
        int result = SocketCalls.socketpair(state, AF_UNIX, type, memory.address());
        if (result < 0) {
            throw Descriptors.failure("socketpair", result, "AF_UNIX");
        }
        return new FileDescriptor[] {
            new FileDescriptor(memory.get(JAVA_INT, 0)),
            new FileDescriptor(memory.get(JAVA_INT, Integer.BYTES))
        };
    }

    /// Connects a non-blocking socket to the one that listens at `path`. Does not block.
    ///
    /// @param socket an unconnected stream socket; stays the caller's
    /// @param path of the listening socket, at most [#MAX_PATH_SIZE] bytes in UTF-8
    /// @return false if the queue of the listener is full now; there is no event that says when to
    ///   try again
    /// @throws NativeCallException with ENOENT if there is no such file, ECONNREFUSED if nobody
    ///   listens there, EACCES if it is not ours to use, ENAMETOOLONG if the path is too long
    public static boolean connect(FileDescriptor socket, String path) {
        CallState state = CallState.current();
        long address = address(state, "connect", path);
        int result;
        do {
            result =
                    SocketCalls.connect(
                            state, socket.intValue(), address, StructLayouts.SOCKADDR_UN_SIZE);
        } while (result == -Errno.EINTR.number());
        if (result < 0 && result != -Errno.EAGAIN.number()) {
            throw Descriptors.failure("connect", result, "path=" + path);
        }
        return result == 0;
    }

    /// Binds a socket to a path. Unlike Netty's bind it never removes what is there.
    ///
    /// @param socket an unbound socket; stays the caller's
    /// @param path at most [#MAX_PATH_SIZE] bytes in UTF-8
    /// @throws NativeCallException with EADDRINUSE if there is a file of that name, ENOENT if its
    ///   directory is missing, EACCES if that cannot be written, ENAMETOOLONG if the path is too
    ///   long
    public static void bind(FileDescriptor socket, String path) {
        CallState state = CallState.current();
        long address = address(state, "bind", path);
        int result =
                AddressCalls.bind(
                        state, socket.intValue(), address, StructLayouts.SOCKADDR_UN_SIZE);
        if (result < 0) {
            throw Descriptors.failure("bind", result, "path=" + path);
        }
    }

    /// The value of an integer option of a socket's own level (`SOL_SOCKET`).
    static int option(FileDescriptor socket, int option) {
        CallState state = CallState.current();
        MemorySegment memory = state.memory();
        memory.set(JAVA_INT, LENGTH_OFFSET, Integer.BYTES);
        long value = memory.address();
        int result =
                SocketCalls.getsockopt(
                        state, socket.intValue(), SOL_SOCKET, option, value, value + LENGTH_OFFSET);
        if (result < 0) {
            throw Descriptors.failure(
                    "getsockopt", result, "fd=" + socket.intValue() + ", option=" + option);
        }
        return memory.get(JAVA_INT, 0);
    }

    /// Writes a `sockaddr_un` and gives its address.
    private static long address(CallState state, String call, String path) {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length > MAX_PATH_SIZE) {
            throw new NativeCallException(call, Errno.ENAMETOOLONG, "path=" + path);
        }
        MemorySegment address =
                state.memory().asSlice(0, StructLayouts.SOCKADDR_UN_SIZE).fill((byte) 0);
        address.set(JAVA_SHORT, StructLayouts.SOCKADDR_UN_FAMILY, (short) AF_UNIX);
        MemorySegment.copy(
                name, 0, address, JAVA_BYTE, StructLayouts.SOCKADDR_UN_PATH, name.length);
        return address.address();
    }
}
