package io.vfiouser.examples.disks;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// An HTTP service that hosts NVMe disks: its own event loops serve the REST calls and the disks.
public final class DiskService implements AutoCloseable {
    private static final int MAX_BODY = 4096;

    private final EventLoopGroup loops;
    private final VfioUserServer server;
    private final Channel http;

    private DiskService(EventLoopGroup loops, VfioUserServer server, Channel http) {
        this.loops = loops;
        this.server = server;
        this.http = http;
    }

    /// Starts the service.
    ///
    /// @param address where it takes HTTP; there is no login, so a loopback address
    /// @param directory where the sockets of the disks are made
    public static DiskService start(InetSocketAddress address, Path directory) {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
        var server = VfioUserServer.start(ServerOptions.defaults().withEventLoopGroup(loops));
        try {
            var disks = new Disks(server, directory);
            Channel http =
                    new ServerBootstrap()
                            .group(loops)
                            .channel(EpollServerSocketChannel.class)
                            .childHandler(
                                    new ChannelInitializer<Channel>() {
                                        @Override
                                        protected void initChannel(Channel channel) {
                                            channel.pipeline()
                                                    .addLast(
                                                            new HttpServerCodec(),
                                                            new HttpObjectAggregator(MAX_BODY),
                                                            new DiskRequests(disks));
                                        }
                                    })
                            .bind(address)
                            .syncUninterruptibly()
                            .channel();
            return new DiskService(loops, server, http);
        } catch (RuntimeException e) {
            server.close();
            stop(loops);
            throw e;
        }
    }

    /// Where the service takes HTTP.
    public InetSocketAddress address() {
        return (InetSocketAddress) http.localAddress();
    }

    /// Ends the service and all disks.
    @Override
    public void close() {
        http.close().syncUninterruptibly();
        server.close(); // leaves the loops running, as they are ours
        stop(loops);
    }

    private static void stop(EventLoopGroup loops) {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /// @param args port, directory of the sockets
    static void main(String[] args) throws InterruptedException {
        if (args.length != 2) {
            throw new IllegalArgumentException(
                    "arguments: " + args.length + " (expected: PORT DIRECTORY)");
        }
        var address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        try (var service = start(address, Path.of(args[1]))) {
            IO.println("http:/" + service.address() + "/disks");
            service.server.awaitShutdown();
        }
    }
}
