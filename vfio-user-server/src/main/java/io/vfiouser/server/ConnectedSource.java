package io.vfiouser.server;

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
    private final VfioUserChannel client;
    private final Runnable finished;
    private boolean accepted;

    /// @param finished called when the client is gone
    ConnectedSource(DeviceHost host, Endpoint.Inherited endpoint, Runnable finished) {
        this.host = host;
        this.client = new VfioUserChannel(endpoint.socket());
        this.finished = finished;
    }

    @Override
    public void open(CompletableFuture<@Nullable Void> opened) {
        accepted = true;
        host.accept(client);
        opened.complete(null);
    }

    @Override
    public void clientReleased() {
        finished.run();
    }

    @Override
    public void close() {
        if (!accepted) {
            client.unsafe().closeForcibly();
        }
    }

    @Override
    public Optional<Path> path() {
        return Optional.empty();
    }
}
