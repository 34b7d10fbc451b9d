package io.vfiouser.devices.serial.stream;

import io.vfiouser.devices.serial.SerialBackend;
import io.vfiouser.devices.serial.SerialBackendProvider;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Wires a port to whoever connects to a UNIX socket, by the name `unix`. The socket is the owner's
/// alone (mode 0600), and removed with the device; one that a killed server has left is replaced.
public final class UnixBackendProvider implements SerialBackendProvider<UnixBackendSettings> {
    private static final Logger LOG = LoggerFactory.getLogger(UnixBackendProvider.class);

    /// For `ServiceLoader`.
    public UnixBackendProvider() {}

    @Override
    public String name() {
        return "unix";
    }

    @Override
    public String description() {
        return "whoever connects to a UNIX socket";
    }

    @Override
    public UnixBackendSettings defaults() {
        return new UnixBackendSettings(Path.of(""));
    }

    @Override
    public SerialBackend create(UnixBackendSettings settings) {
        Path path = settings.path();
        if (path.toString().isEmpty()) {
            throw new IllegalArgumentException(
                    "path: not set (expected: where the socket shall be, as in path=console.sock)");
        }
        try {
            return new StreamBackend(
                    "unix", new ListeningSource(listen(path), () -> removeSocket(path)));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "path: %s: %s (expected: a place for a socket)".formatted(path, e.getMessage()),
                    e);
        }
    }

    private static ServerSocketChannel listen(Path path) throws IOException {
        if (isStale(path)) {
            Files.delete(path);
        }
        var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            socket.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            return socket;
        } catch (BindException _) {
            socket.close();
            throw new BindException("in use");
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    /// Whether there is a socket that nobody listens on.
    private static boolean isStale(Path path) {
        if (!Files.exists(path) || Files.isRegularFile(path) || Files.isDirectory(path)) {
            return false;
        }
        try (var _ = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
            return false;
        } catch (IOException _) {
            return true; // refused
        }
    }

    private static void removeSocket(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.warn("serial unix: {} stays", path, e);
        }
    }
}
