package io.vfiouser.server;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.PeerCredentials;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.options.Endpoint;
import io.vfiouser.server.options.SecondClient;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.server.session.DeviceHost;
import io.vfiouser.transport.SocketPath;
import io.vfiouser.transport.VfioUserChannel;
import io.vfiouser.transport.VfioUserServerChannel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Clients that connect to a listening socket, of which the device has one at a time.
final class ListeningSource implements ClientSource {
    private static final Logger LOG = LoggerFactory.getLogger(ListeningSource.class);

    private final DeviceHost host;
    private final DeviceLoop loop;
    private final ServiceOptions options;
    private final Endpoint endpoint;
    private final SessionBudget sessions;
    private final VfioUserServerChannel listener;
    private @Nullable VfioUserChannel waiting;
    private final boolean isBound;
    private boolean suspended;
    private boolean closed;

    ListeningSource(
            DeviceHost host,
            DeviceLoop loop,
            ServiceOptions options,
            Endpoint endpoint,
            SessionBudget sessions) {
        this(host, loop, options, endpoint, sessions, Optional.empty());
    }

    /// @param bound a socket that listens at the endpoint already, from another process; none to
    ///   make it
    ListeningSource(
            DeviceHost host,
            DeviceLoop loop,
            ServiceOptions options,
            Endpoint endpoint,
            SessionBudget sessions,
            Optional<FileDescriptor> bound) {
        this.host = host;
        this.loop = loop;
        this.options = options;
        this.endpoint = endpoint;
        this.sessions = sessions;
        this.isBound = bound.isPresent() || endpoint instanceof Endpoint.Inherited;
        this.listener =
                switch (endpoint) {
                    case Endpoint.AtPath _ ->
                            bound.map(VfioUserServerChannel::new)
                                    .orElseGet(VfioUserServerChannel::new);
                    case Endpoint.Inherited inherited ->
                            new VfioUserServerChannel(inherited.socket());
                };
        listener.config().setAutoRead(options.secondClient() == SecondClient.IS_REFUSED);
        listener.pipeline().addLast(new Acceptor());
    }

    @Override
    public void open(CompletableFuture<@Nullable Void> opened) {
        loop.register(listener)
                .addListener(registered -> {
                    if (!registered.isSuccess()) {
                        opened.completeExceptionally(registered.cause());
                    } else if (endpoint instanceof Endpoint.AtPath at && !isBound) {
                        bind(at, opened);
                    } else {
                        listening(opened);
                    }
                });
    }

    private void bind(Endpoint.AtPath at, CompletableFuture<@Nullable Void> opened) {
        try {
            SocketPath.prepare(at.path());
            SocketPath.exposure(at.path()).ifPresent(why -> LOG.warn("[{}] {}", host.name(), why));
        } catch (IOException | RuntimeException e) {
            opened.completeExceptionally(e);
            return;
        }
        listener.config().setPermissions(at.permissions());
        listener.bind(new DomainSocketAddress(at.path().toFile()))
                .addListener(bound -> {
                    if (bound.isSuccess()) {
                        listening(opened);
                    } else {
                        opened.completeExceptionally(bound.cause());
                    }
                });
    }

    private void listening(CompletableFuture<@Nullable Void> opened) {
        LOG.info("[{}] listening on {}", host.name(), endpoint);
        if (!host.hasSession()) {
            listener.read();
        }
        opened.complete(null);
    }

    @Override
    public void clientReleased() {
        sessions.giveBack();
        VfioUserChannel next = waiting;
        waiting = null;
        if (closed) {
            return;
        }
        if (next != null) {
            admit(next);
        } else {
            listener.read();
        }
    }

    @Override
    public void suspend() {
        suspended = true;
        listener.suspend();
    }

    @Override
    public void resume() {
        suspended = false;
        VfioUserChannel next = waiting;
        if (next != null && !host.hasSession()) {
            waiting = null;
            admit(next);
        }
        listener.resume();
    }

    @Override
    public CompletableFuture<@Nullable Void> leave() {
        var left = new CompletableFuture<@Nullable Void>();
        listener.suspend();
        listener.deregister().addListener(_ -> left.complete(null));
        return left;
    }

    @Override
    public void join() {
        loop.register(listener)
                .addListener(registered -> {
                    if (!registered.isSuccess()) {
                        LOG.error("[{}] accepts no more clients", host.name(), registered.cause());
                    }
                });
        listener.resume();
    }

    @Override
    public Optional<FileDescriptor> listening() {
        return Optional.of(listener.fd());
    }

    @Override
    public void letGo(boolean hadClient) {
        closed = true;
        if (hadClient) {
            sessions.giveBack();
        }
        closeListener();
    }

    @Override
    public void close() {
        closed = true;
        boolean wasBound = listener.isActive();
        closeListener();
        if (wasBound && endpoint instanceof Endpoint.AtPath at) {
            remove(at.path());
        }
    }

    private void closeListener() {
        if (listener.isRegistered()) {
            var _ = listener.close();
        } else {
            listener.unsafe().closeForcibly();
        }
        VfioUserChannel next = waiting;
        waiting = null;
        if (next != null) {
            next.unsafe().closeForcibly();
        }
    }

    private void remove(Path socket) {
        try {
            SocketPath.remove(socket);
        } catch (IOException e) {
            LOG.warn("[{}] cannot remove {}: {}", host.name(), socket, e.toString());
        }
    }

    @Override
    public Optional<Path> path() {
        return switch (endpoint) {
            case Endpoint.AtPath at -> Optional.of(at.path());
            case Endpoint.Inherited _ ->
                    listener.localAddress() instanceof DomainSocketAddress address
                                    && address.path().startsWith("/")
                            ? Optional.of(Path.of(address.path()))
                            : Optional.empty();
        };
    }

    private void accept(VfioUserChannel client) {
        PeerCredentials peer;
        try {
            peer = client.peerCredentials();
        } catch (NativeCallException e) {
            refuse(client, e.toString());
            return;
        }
        if (!options.allowedPeers().allows(peer)) {
            refuse(client, text(peer) + " (expected: " + options.allowedPeers() + ")");
        } else if (!host.hasSession()) {
            admit(client);
        } else {
            // The end of the one before may be among the events of this turn, not looked at yet.
            loop.execute(() -> acceptBesides(client, peer));
        }
    }

    private void acceptBesides(VfioUserChannel client, PeerCredentials peer) {
        if (closed) {
            client.unsafe().closeForcibly();
        } else if (suspended && waiting == null) {
            waiting = client;
        } else if (!host.hasSession() && !suspended) {
            admit(client);
        } else if (host.isReleasing() && waiting == null) {
            waiting = client;
        } else {
            refuse(client, text(peer) + ": a second client (expected: one at a time)");
        }
    }

    private void admit(VfioUserChannel client) {
        if (sessions.take()) {
            host.accept(client);
        } else {
            refuse(client, sessions.refusal());
        }
    }

    private static String text(PeerCredentials peer) {
        return "pid %d, uid %s, gid %s"
                .formatted(
                        peer.pid(),
                        Integer.toUnsignedString(peer.uid()),
                        Integer.toUnsignedString(peer.gid()));
    }

    private void refuse(VfioUserChannel client, String reason) {
        client.unsafe().closeForcibly();
        host.connectionRefused(reason);
        listener.read();
    }

    private final class Acceptor extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var client = (VfioUserChannel) message;
            if (closed) {
                client.unsafe().closeForcibly();
            } else {
                accept(client);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            LOG.warn("[{}] accepting on {}: {}", host.name(), endpoint, cause.toString());
        }
    }
}
