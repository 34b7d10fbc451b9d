package io.vfiouser.os;

import io.netty.channel.unix.FileDescriptor;

/// What a UNIX stream socket that somebody handed to us is there for.
public enum SocketRole {
    /// Clients connect to it.
    LISTENING,
    /// A peer is at its other end, or was.
    CONNECTED;

    private static final int SO_TYPE = 3;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SO_DOMAIN = 39;
    private static final int AF_UNIX = 1;
    private static final int SOCK_STREAM = 1;
    private static final int NOBODY = -1;

    /// The role of a descriptor, which stays the caller's.
    ///
    /// @throws IllegalArgumentException saying what it is, if it is not a UNIX stream socket that
    ///   listens or is connected
    public static SocketRole of(FileDescriptor fd) {
        String kind = kind(fd);
        if (!kind.isEmpty()) {
            throw refused(fd, kind);
        }
        if (option(fd, SO_ACCEPTCONN) != 0) {
            return LISTENING;
        }
        if (PeerCredentials.of(fd).uid() == NOBODY) {
            throw refused(fd, "a UNIX stream socket that neither listens nor is connected");
        }
        return CONNECTED;
    }

    /// What else it is than a UNIX stream socket, empty if it is one.
    private static String kind(FileDescriptor fd) {
        FileStatus.Kind kind;
        try {
            kind = FileStatus.of(fd).kind();
        } catch (NativeCallException e) {
            return e.errno().equals(Errno.EBADF) ? "not open" : e.errno().toString();
        }
        return switch (kind) {
            case REGULAR -> "a regular file";
            case DIRECTORY -> "a directory";
            case PIPE -> "a pipe";
            case CHARACTER -> "a character device";
            case BLOCK -> "a block device";
            case ANONYMOUS -> "a descriptor without a file, such as an eventfd";
            case SOCKET -> kindOfSocket(fd);
        };
    }

    private static String kindOfSocket(FileDescriptor fd) {
        int family = option(fd, SO_DOMAIN);
        if (family != AF_UNIX) {
            return "a socket of address family " + family;
        }
        int type = option(fd, SO_TYPE);
        return type == SOCK_STREAM ? "" : "a UNIX socket of type " + type + ", no stream";
    }

    private static int option(FileDescriptor fd, int option) {
        return UnixSockets.option(fd, option);
    }

    private static IllegalArgumentException refused(FileDescriptor fd, String what) {
        return new IllegalArgumentException(
                "fd: %d: %s (expected: a UNIX stream socket that listens or is connected)"
                        .formatted(fd.intValue(), what));
    }
}
