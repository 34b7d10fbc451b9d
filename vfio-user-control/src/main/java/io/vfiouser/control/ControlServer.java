package io.vfiouser.control;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vfiouser.server.VfioUserServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
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
    private static final int MAX_BODY = 64 << 10;
    private static final int BACKLOG = 16;
    private static final int HIGH_WATER = 256 << 10;

    private final ControlAddress address;
    private final EventLoopGroup group;
    private final Channel channel;
    private final LiveEvents events;
    private final MetricsText metrics;

    private ControlServer(
            ControlAddress address,
            EventLoopGroup group,
            Channel channel,
            LiveEvents events,
            MetricsText metrics) {
        this.address = address;
        this.group = group;
        this.channel = channel;
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
        var group =
                new MultiThreadIoEventLoopGroup(
                        1,
                        new DefaultThreadFactory("vfio-user-control", true),
                        NioIoHandler.newFactory());
        var api = new ControlApi(server, catalog);
        var events = new LiveEvents(server, api, group.next());
        var metrics = new MetricsText(server);
        try {
            Channel channel =
                    listen(group, address, new Access(address, token), api, events, metrics);
            LOG.info("control: {}", address);
            return new ControlServer(address, group, channel, events, metrics);
        } catch (Throwable thrown) {
            events.close();
            metrics.close();
            var _ = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
            throw thrown;
        }
    }

    private static Channel listen(
            EventLoopGroup group,
            ControlAddress address,
            Access access,
            ControlApi api,
            LiveEvents events,
            MetricsText metrics) {
        var bootstrap =
                new ServerBootstrap()
                        .group(group)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .childOption(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(HIGH_WATER / 2, HIGH_WATER))
                        .childHandler(
                                new ChannelInitializer<Channel>() {
                                    @Override
                                    protected void initChannel(Channel client) {
                                        client.pipeline()
                                                .addLast(
                                                        new HttpServerCodec(),
                                                        new HttpObjectAggregator(MAX_BODY),
                                                        new ControlHandler(
                                                                access, api, events, metrics));
                                    }
                                });
        switch (address) {
            case ControlAddress.Unix(Path path) -> {
                bootstrap.channel(NioServerDomainSocketChannel.class);
                removeStale(path);
            }
            case ControlAddress.Loopback _ -> bootstrap.channel(NioServerSocketChannel.class);
        }
        var bound = bootstrap.bind(address.socketAddress()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new UncheckedIOException(
                    new IOException("control: " + address + ": " + bound.cause().getMessage()));
        }
        if (address instanceof ControlAddress.Unix(Path path)) {
            protect(path);
        }
        return bound.channel();
    }

    private static void removeStale(Path path) {
        try {
            if (Files.exists(path)
                    && !Files.readAttributes(path, BasicFileAttributes.class).isOther()) {
                throw new IOException("control: " + path + " (expected: a socket, or nothing)");
            }
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void protect(Path path) {
        try {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        if (address instanceof ControlAddress.Unix(Path path)) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                LOG.warn("control: {}: {}", path, e.toString());
            }
        }
    }
}
