package io.vfiouser.trace.proxy;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.vfiouser.transport.EventLoops;
import io.vfiouser.transport.SocketPath;
import io.vfiouser.transport.VfioUserChannel;
import io.vfiouser.transport.VfioUserServerChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands between clients and any vfio-user server: listens where clients connect, makes a
/// connection to the server for each, and passes messages with their descriptors on, both ways, in
/// order.
///
/// Memory that is shared and interrupts go past it, as their descriptors are passed on; the second
/// socket does not, the proxy stands in it as well. A side that does not read is not read for. When
/// one side goes, the other is disconnected, and every descriptor on its way is closed.
public final class VfioUserProxy implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(VfioUserProxy.class);

    private final Path listen;
    private final Path connect;
    private final ProxyOptions options;
    private final IoEventLoopGroup loops;
    private final Set<ProxySession> sessions = ConcurrentHashMap.newKeySet();

    /// All that are open, to be closed before the loop ends: it does not close what is left.
    private final ChannelGroup channels;

    private long clients;
    private boolean full;

    private VfioUserProxy(Path listen, Path connect, ProxyOptions options) {
        this.listen = listen;
        this.connect = connect;
        this.options = options;
        this.loops = EventLoops.of(1).named("vfio-user-proxy").daemon(true).start();
        this.channels = new DefaultChannelGroup(loops.next(), true);
    }

    /// Starts to listen. The server need not be there yet: it is connected to when a client comes.
    ///
    /// @param listen where clients connect; a stale socket file there is replaced
    /// @param connect where the server listens
    /// @throws IllegalArgumentException if a filter has nothing to do, such as for a register that
    ///   is not known
    /// @throws UncheckedIOException if `listen` cannot be bound
    public static VfioUserProxy start(Path listen, Path connect, ProxyOptions options) {
        RegionFilters.check(options);
        var proxy = new VfioUserProxy(listen, connect, options);
        try {
            SocketPath.prepare(listen);
            proxy.bind();
            return proxy;
        } catch (IOException e) {
            proxy.stop();
            throw new UncheckedIOException(e);
        } catch (Throwable thrown) {
            proxy.stop();
            throw thrown;
        }
    }

    /// Disconnects everybody and removes the socket; waits for it.
    @Override
    public void close() {
        stop();
        try {
            SocketPath.remove(listen);
        } catch (IOException e) {
            LOG.warn("cannot remove {}: {}", listen, e.toString());
        }
    }

    private void bind() throws IOException {
        var bound =
                new ServerBootstrap()
                        .group(loops)
                        .channel(VfioUserServerChannel.class)
                        .childHandler(
                                new ChannelInitializer<VfioUserChannel>() {
                                    @Override
                                    protected void initChannel(VfioUserChannel client) {
                                        accept(client);
                                    }
                                })
                        .bind(new DomainSocketAddress(listen.toFile()))
                        .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(listen + ": " + bound.cause().getMessage(), bound.cause());
        }
        channels.add(bound.channel());
    }

    private void accept(VfioUserChannel client) {
        if (sessions.size() >= options.maxClients()) {
            if (!full) { // once, however many come
                full = true;
                LOG.warn(
                        "clients refused: {} are there (expected: at most maxClients, {})",
                        sessions.size(),
                        options.maxClients());
            }
            var _ = client.close();
            return;
        }
        full = false;
        clients++;
        var session = new ProxySession(clients, options, channels, sessions::remove);
        sessions.add(session);
        channels.add(client);
        session.client(client);
        new Bootstrap()
                .group(client.eventLoop())
                .channel(VfioUserChannel.class)
                .handler(
                        new ChannelInitializer<>() {
                            @Override
                            protected void initChannel(Channel server) {
                                channels.add(server);
                                session.server((VfioUserChannel) server);
                            }
                        })
                .connect(new DomainSocketAddress(connect.toFile()))
                .addListener(connected -> {
                    if (connected.isSuccess()) {
                        session.start();
                    } else {
                        LOG.warn("no server at {}: {}", connect, connected.cause().toString());
                        session.end("no server at " + connect);
                    }
                });
    }

    private void stop() {
        sessions.forEach(session -> session.endFromOutside("the proxy is closed"));
        channels.close().awaitUninterruptibly();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
