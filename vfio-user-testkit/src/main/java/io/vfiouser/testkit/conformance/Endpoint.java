package io.vfiouser.testkit.conformance;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.RawConnection;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Dialect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Where the server listens. Keeps the connections of one check, to close them after it.
final class Endpoint implements AutoCloseable {
    private final Path socket;
    private final ClientOptions options;
    private final Dialect dialect;
    private final List<Peer> peers = new ArrayList<>();
    private Target target = Target.UNKNOWN;

    Endpoint(Path socket, Duration timeout, Dialect dialect, EventLoopGroup loops) {
        this.socket = socket;
        this.dialect = dialect;
        this.options = ClientOptions.defaults().withTimeout(timeout).withEventLoopGroup(loops);
    }

    /// A bare connection.
    Peer connect() {
        return connect(options);
    }

    /// A connection on which VERSION has been exchanged.
    Peer negotiate() {
        Peer peer = connect();
        peer.negotiate();
        return peer;
    }

    /// The same with another `max_data_xfer_size` of the client.
    Peer negotiate(int maxTransferSize) {
        Capabilities limits = options.capabilities().withMaxDataXferSize(maxTransferSize);
        Peer peer = connect(options.withCapabilities(limits));
        peer.negotiate();
        return peer;
    }

    Dialect dialect() {
        return dialect;
    }

    Path socket() {
        return socket;
    }

    Duration timeout() {
        return options.timeout();
    }

    Target target() {
        return target;
    }

    /// Asks the server what it serves.
    void examine() {
        Peer peer = negotiate();
        target =
                switch (dialect) {
                    case CURRENT -> Target.examine(peer, peer.serverCapabilities());
                    case LEGACY -> Target.examineLegacy(peer, peer.serverCapabilities());
                };
    }

    /// Closes all connections and what belongs to them.
    @Override
    public void close() {
        peers.forEach(Peer::close);
        peers.clear();
    }

    private Peer connect(ClientOptions how) {
        var peer = new Peer(this, RawConnection.connect(socket, how));
        peers.add(peer);
        return peer;
    }
}
