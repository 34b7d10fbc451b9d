package io.vfiouser.control;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.transport.SocketPath;
import io.vfiouser.transport.SocketPermissions;
import io.vfiouser.transport.VfioUserServerChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Control of a running server over HTTP, its metrics, and the live page.
///
/// ```java
/// var token = ControlToken.inFile(Path.of("/run/vm1/control.token"));
/// try (var control = ControlServer.start(server, address, Optional.of(token), DeviceCatalog.EMPTY)) {
///     ...
/// }
/// ```
///
/// It has a thread of its own, and takes nothing from the devices' loops but what is asked of them.
/// All methods may be called from any thread.
public final class ControlServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
    private static final int BACKLOG = 16;
    private static final int HIGH_WATER = 256 << 10;
    private static final int OWNER_ONLY = 0600;

    private final ControlAddress address;
    private final EventLoopGroup group;
    private final Channel channel;
    private final Connections connections;
    private final LiveEvents events;
    private final MetricsText metrics;

    private ControlServer(
            ControlAddress address,
            EventLoopGroup group,
            Channel channel,
            Connections connections,
            LiveEvents events,
            MetricsText metrics) {
        this.address = address;
        this.group = group;
        this.channel = channel;
        this.connections = connections;
        this.events = events;
        this.metrics = metrics;
    }

    /// Starts to listen; when this returns it does.
    ///
    /// @param server what is controlled; stays the caller's, and is closed after this
    /// @param token must be known by callers; may only be missing for a UNIX socket, whose file its
    ///   owner alone can use
    /// @param catalog what callers can add
    /// @throws IllegalArgumentException for a port without a token
    /// @throws UncheckedIOException if the address cannot be had
    public static ControlServer start(
            VfioUserServer server,
            ControlAddress address,
            Optional<ControlToken> token,
            DeviceCatalog catalog) {
        Objects.requireNonNull(server, "server");
        if (address instanceof ControlAddress.Loopback && token.isEmpty()) {
            throw new IllegalArgumentException(
                    "token: missing (expected: one for "
                            + address
                            + ", as every user of this host can connect)");
        }
        return start(server, address, token, catalog, ConnectionLimits.DEFAULT);
    }

    static ControlServer start(
            VfioUserServer server,
            ControlAddress address,
            Optional<ControlToken> token,
            DeviceCatalog catalog,
            ConnectionLimits limits) {
        var group =
                new MultiThreadIoEventLoopGroup(
                        1,
                        new DefaultThreadFactory("vfio-user-control", true),
                        EpollIoHandler.newFactory());
        var api = new ControlApi(server, catalog);
        var events = new LiveEvents(server, api, group.next());
        var metrics = new MetricsText(server);
        var access = new Access(address, token);
        var connections =
                new Connections(
                        limits,
                        group.next(),
                        () -> new ControlHandler(access, api, events, metrics));
        try {
            Channel channel = listen(group, address, connections);
            LOG.info("control: {}", address);
            return new ControlServer(address, group, channel, connections, events, metrics);
        } catch (Throwable thrown) {
            events.close();
            metrics.close();
            var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw thrown;
        }
    }

    private static Channel listen(
            EventLoopGroup group, ControlAddress address, Connections connections) {
        var bootstrap =
                new ServerBootstrap()
                        .group(group)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .childOption(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(HIGH_WATER / 2, HIGH_WATER))
                        .childHandler(connections);
        SocketAddress local =
                switch (address) {
                    case ControlAddress.Unix(Path path) -> {
                        prepare(address, path);
                        bootstrap.channelFactory(ControlServer::ownersSocket);
                        yield new DomainSocketAddress(path.toFile());
                    }
                    case ControlAddress.Loopback _ -> {
                        bootstrap.channel(EpollServerSocketChannel.class);
                        yield address.socketAddress();
                    }
                };
        ChannelFuture bound = bootstrap.bind(local).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new UncheckedIOException(
                    new IOException("control: " + address + ": " + bound.cause().getMessage()));
        }
        return bound.channel();
    }

    /// A socket whose file nobody else can use at any moment: it has its mode before it listens.
    private static VfioUserServerChannel ownersSocket() {
        var channel = new VfioUserServerChannel();
        channel.config().setPermissions(SocketPermissions.DEFAULT.withMode(OWNER_ONLY));
        return channel;
    }

    private static void prepare(ControlAddress address, Path path) {
        try {
            SocketPath.prepare(path);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    new IOException("control: " + address + ": " + e.getMessage(), e));
        }
    }

    /// Where it listens; with the port that it has got.
    public ControlAddress address() {
        SocketAddress local = channel.localAddress();
        return local instanceof InetSocketAddress inet
                ? new ControlAddress.Loopback(inet.getPort())
                : address;
    }

    /// Closes all connections and removes the socket; the devices go on.
    @Override
    public void close() {
        events.close();
        metrics.close();
        channel.close().awaitUninterruptibly();
        connections.close();
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        if (address instanceof ControlAddress.Unix(Path path)) {
            try {
                SocketPath.remove(path);
            } catch (IOException e) {
                LOG.warn("control: {}: {}", path, e.toString());
            }
        }
    }
}
