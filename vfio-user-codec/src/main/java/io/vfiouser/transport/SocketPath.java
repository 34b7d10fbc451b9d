package io.vfiouser.transport;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.Errno;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.PeerCredentials;
import io.vfiouser.os.Platform;
import io.vfiouser.os.UnixSockets;
import java.io.IOException;
import java.net.BindException;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// The file of a listening socket: made ready before binding, removed after closing.
public final class SocketPath {
    private static final int S_IFMT = 0xf000;
    private static final int S_IFSOCK = 0xc000;
    private static final int S_IWOTH = 0002;
    private static final int S_ISVTX = 01000;
    private static final int MODE_BITS = 07777;

    private SocketPath() {}

    /// Makes sure that a socket can be bound to `path`: it fits into a socket address, its
    /// directory is there, and nothing is in the way. A socket that nobody listens on any more is
    /// removed.
    ///
    /// To find out whether somebody does, one connection is made and closed at once.
    ///
    /// @param path where a socket shall be bound
    /// @throws IOException saying what is in the way; for a live socket a `BindException` with the
    ///   process that has it, if the kernel tells
    public static void prepare(Path path) throws IOException {
        checkLength(path.toString());
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null && !Files.isDirectory(parent)) {
            throw new IOException(
                    "socket path: " + path + " (expected: directory " + parent + " to exist)");
        }
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!isSocket(path)) {
            throw new IOException(
                    "socket path: "
                            + path
                            + ": a file of another kind (expected: a socket or nothing)");
        }
        Optional<String> listener = listener(path);
        if (listener.isPresent()) {
            throw new BindException(
                    "socket path: "
                            + path
                            + ": in use by "
                            + listener.get()
                            + " (expected: no listener)");
        }
        Files.deleteIfExists(path);
    }

    /// Removes the socket at `path`. Nothing happens if there is none; other files stay.
    public static void remove(Path path) throws IOException {
        try {
            if (isSocket(path)) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException _) {
            // Nothing there is what was asked for.
        }
    }

    /// Who besides us, root and the directory's owner may replace the socket at `path`: a warning
    /// for the log, empty if there is nobody. In a sticky directory only the owner of a file may
    /// remove it.
    ///
    /// @param path where a socket is or shall be bound
    public static Optional<String> exposure(Path path) throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null) {
            return Optional.empty();
        }
        int mode = (int) Files.getAttribute(parent, "unix:mode");
        if ((mode & S_IWOTH) == 0 || (mode & S_ISVTX) != 0) {
            return Optional.empty();
        }
        return Optional.of(
                "directory %s: mode 0%o: every user may replace the socket (expected: not writable by others, or sticky)"
                        .formatted(parent, mode & MODE_BITS));
    }

    /// Binds a socket. Netty's own bind would cut a long path, and remove whatever has its name.
    static void bind(Socket socket, SocketAddress local, SocketPermissions permissions)
            throws IOException {
        DomainSocketAddress address = checkAddress(local);
        try {
            UnixSockets.bind(socket, address.path());
        } catch (NativeCallException e) {
            var failure = new BindException(e.getMessage());
            failure.initCause(e);
            throw failure;
        }
        if (permissions.equals(SocketPermissions.DEFAULT)) {
            return; // at once on to listen: some clients connect as soon as they see the file
        }
        Path path = Path.of(address.path());
        try {
            permissions.apply(path);
        } catch (IOException | RuntimeException e) {
            remove(path);
            throw e;
        }
    }

    static DomainSocketAddress checkAddress(SocketAddress address) throws IOException {
        if (!(address instanceof DomainSocketAddress unix)) {
            throw new IllegalArgumentException(
                    "address: " + address + " (expected: a DomainSocketAddress)");
        }
        checkLength(unix.path());
        return unix;
    }

    private static void checkLength(String path) throws IOException {
        int size = path.getBytes(StandardCharsets.UTF_8).length;
        if (size > UnixSockets.MAX_PATH_SIZE) {
            throw new IOException(
                    "socket path: %s: %d bytes (expected: at most %d)"
                            .formatted(path, size, UnixSockets.MAX_PATH_SIZE));
        }
    }

    private static boolean isSocket(Path path) throws IOException {
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        return (mode & S_IFMT) == S_IFSOCK;
    }

    /// Who listens at `path`, if anybody does.
    private static Optional<String> listener(Path path) throws IOException {
        Platform.ensureSupported();
        Socket probe = Socket.newSocketDomain();
        try {
            return Optional.of(
                    UnixSockets.connect(probe, path.toString())
                            ? describe(PeerCredentials.of(probe).pid())
                            : "a process whose queue is full");
        } catch (NativeCallException e) {
            if (e.errno().equals(Errno.ECONNREFUSED) || e.errno().equals(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw new IOException("socket path: " + e.getMessage(), e);
        } finally {
            Descriptors.close(probe);
        }
    }

    private static String describe(int pid) {
        if (pid == 0) {
            return "a process of another pid namespace";
        }
        try {
            return "process %d (%s)"
                    .formatted(pid, Files.readString(Path.of("/proc", "" + pid, "comm")).strip());
        } catch (IOException _) {
            return "process " + pid; // it has just ended, or its name is not ours to see
        }
    }
}
