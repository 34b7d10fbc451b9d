package io.vfiouser.it.support;

import io.vfiouser.device.Device;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A server whose sockets lie in a directory that goes with it.
public final class TestServer implements AutoCloseable {
    private final Path directory;
    private final VfioUserServer server;

    private TestServer(Path directory, VfioUserServer server) {
        this.directory = directory;
        this.server = server;
    }

    /// One loop, the default limits.
    public static TestServer start() {
        return start(ServerOptions.defaults());
    }

    /// A server without devices.
    public static TestServer start(ServerOptions options) {
        try {
            return new TestServer(
                    Files.createTempDirectory("vfio-user-it"), VfioUserServer.start(options));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Serves a device.
    ///
    /// @return where clients connect
    public Path serve(String name, Device device) {
        return server.serve(name, device, directory.resolve(name)).socket();
    }

    /// The server itself.
    public VfioUserServer server() {
        return server;
    }

    @Override
    public void close() {
        server.close();
        try {
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("left behind by the server", e);
        }
    }
}
