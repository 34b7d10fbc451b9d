package io.vfiouser.server;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.server.options.Endpoint;
import io.vfiouser.server.session.DeviceHost;
import io.vfiouser.transport.VfioUserChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// The one client of a device whose socket came connected.
final class ConnectedSource implements ClientSource {
    private final DeviceHost host;
    private final Optional<VfioUserChannel> client;
    private final Runnable finished;
    private boolean accepted;

    /// @param finished called when the client is gone
    ConnectedSource(DeviceHost host, Endpoint.Inherited endpoint, Runnable finished) {
        this.host = host;
        this.client = Optional.of(new VfioUserChannel(endpoint.socket()));
        this.finished = finished;
    }

    /// The client is with the host already.
    ConnectedSource(DeviceHost host, Runnable finished) {
        this.host = host;
        this.client = Optional.empty();
        this.finished = finished;
    }

    @Override
    public void open(CompletableFuture<@Nullable Void> opened) {
        accepted = true;
        client.ifPresent(host::accept);
        opened.complete(null);
    }

    @Override
    public void clientReleased() {
        finished.run();
    }

    @Override
    public void close() {
        if (!accepted) {
            client.ifPresent(socket -> socket.unsafe().closeForcibly());
        }
    }

    @Override
    public void suspend() {}

    @Override
    public void resume() {}

    @Override
    public CompletableFuture<@Nullable Void> leave() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void join() {}

    @Override
    public Optional<FileDescriptor> listening() {
        return Optional.empty();
    }

    @Override
    public void letGo(boolean hadClient) {}

    @Override
    public Optional<Path> path() {
        return Optional.empty();
    }
}
