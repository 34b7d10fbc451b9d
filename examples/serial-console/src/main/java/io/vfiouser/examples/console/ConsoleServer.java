package io.vfiouser.examples.console;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import io.vfiouser.devices.serial.FlowControl;
import io.vfiouser.devices.serial.SerialDevice;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/// Serves one serial port to a guest, and its console to browsers: one event loop for both.
public final class ConsoleServer implements AutoCloseable {
    private static final int MAX_BODY = 4096;

    private final EventLoopGroup loops;
    private final VfioUserServer server;
    private final Channel http;

    private ConsoleServer(EventLoopGroup loops, VfioUserServer server, Channel http) {
        this.loops = loops;
        this.server = server;
        this.http = http;
    }

    /// Starts the server.
    ///
    /// @param address of the page; whoever reaches it has the guest's console
    /// @param socket where the VMM connects
    public static ConsoleServer start(InetSocketAddress address, Path socket) {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        var server = VfioUserServer.start(ServerOptions.defaults().withEventLoopGroup(loops));
        try {
            var console = new WebConsole();
            server.serve("console", new SerialDevice(console, FlowControl.RTS), socket);
            return new ConsoleServer(loops, server, listen(loops, address, console));
        } catch (RuntimeException e) {
            server.close();
            stop(loops);
            throw e;
        }
    }

    /// Where the page is.
    public InetSocketAddress address() {
        return (InetSocketAddress) http.localAddress();
    }

    /// Takes page and port away.
    @Override
    public void close() {
        http.close().syncUninterruptibly();
        server.close(); // leaves the loops running, as they are ours
        stop(loops);
    }

    private static Channel listen(
            EventLoopGroup loops, InetSocketAddress address, WebConsole console) {
        return new ServerBootstrap()
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
                                                new PageRequests(),
                                                new WebSocketServerProtocolHandler(
                                                        PageRequests.CONSOLE),
                                                new ConsoleFrames(console));
                            }
                        })
                .bind(address)
                .syncUninterruptibly()
                .channel();
    }

    private static void stop(EventLoopGroup loops) {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /// @param args port of the page, socket for the VMM
    static void main(String[] args) throws InterruptedException {
        if (args.length != 2) {
            throw new IllegalArgumentException(
                    "arguments: " + args.length + " (expected: PORT SOCKET)");
        }
        var address =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        try (var server = start(address, Path.of(args[1]))) {
            IO.println("http:/" + server.address() + "/");
            server.server.awaitShutdown();
        }
    }
}
