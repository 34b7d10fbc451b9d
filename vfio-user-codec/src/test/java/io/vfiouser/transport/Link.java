package io.vfiouser.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A listening channel, and connections to it, on event loops that end with it.
final class Link implements AutoCloseable {
    private final EventLoopGroup group;
    private final Path path;
    private final BlockingQueue<Peer> accepted = new LinkedBlockingQueue<>();
    private final Channel listener;

    /// One end of a connection and what it has received.
    record Peer(VfioUserChannel channel, Inbox inbox) {}

    /// Both ends of a connection.
    record Connection(Peer client, Peer server) {}

    private Link(EventLoopGroup group, Path path, ServerBootstrap bootstrap)
            throws InterruptedException {
        this.group = group;
        this.path = path;
        this.listener =
                bootstrap
                        .group(group)
                        .channelFactory(VfioUserServerChannel::new)
                        .childHandler(initializer(accepted))
                        .bind(new DomainSocketAddress(path.toString()))
                        .sync()
                        .channel();
    }

    static Link listen(Path directory) throws InterruptedException {
        return listen(directory, EventLoops.of(1).daemon(true).start(), new ServerBootstrap());
    }

    static Link listen(Path directory, EventLoopGroup group, ServerBootstrap bootstrap)
            throws InterruptedException {
        return new Link(group, directory.resolve("s"), bootstrap);
    }

    Channel listener() {
        return listener;
    }

    EventLoopGroup group() {
        return group;
    }

    DomainSocketAddress address() {
        return new DomainSocketAddress(path.toString());
    }

    Connection connect() throws InterruptedException {
        Peer client = connectOnly();
        return new Connection(client, awaitAccepted());
    }

    Peer connectOnly() throws InterruptedException {
        var inbox = new Inbox();
        Channel client = clients(inbox).connect(address()).sync().channel();
        return new Peer((VfioUserChannel) client, inbox);
    }

    Bootstrap clients(Inbox inbox) {
        return new Bootstrap()
                .group(group)
                .channelFactory(VfioUserChannel::new)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 10_000)
                .handler(inbox);
    }

    Peer awaitAccepted() throws InterruptedException {
        Peer peer = accepted.poll(30, TimeUnit.SECONDS);
        if (peer == null) {
            throw new AssertionError("nobody was accepted for 30 s");
        }
        return peer;
    }

    int acceptedWaiting() {
        return accepted.size();
    }

    @Override
    public void close() {
        group.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }

    private static ChannelInitializer<VfioUserChannel> initializer(BlockingQueue<Peer> accepted) {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(VfioUserChannel channel) {
                var inbox = new Inbox();
                channel.pipeline().addLast(inbox);
                accepted.add(new Peer(channel, inbox));
            }
        };
    }
}
