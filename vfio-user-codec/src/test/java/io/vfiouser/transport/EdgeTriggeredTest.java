package io.vfiouser.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A quiet connection is watched edge-triggered, and every way in which a read can leave something
/// behind is noticed.
@ExtendWith(NoDescriptorLeaks.class)
class EdgeTriggeredTest {
    private static final int QUIET = 40;

    @TempDir private Path directory;
    private final EventLoopGroup group = EventLoops.of(1).daemon(true).start();
    private Link link;
    private Link.Connection connection;
    private VfioUserChannel client;
    private VfioUserChannel server;
    private Inbox inbox;
    private int sent;

    /// Connects, and lets the server's end become quiet.
    ///
    /// @param room bytes of a receive
    /// @param receives of a read
    private void connect(int room, int receives) throws Exception {
        var allocator = new FixedRecvByteBufAllocator(room);
        allocator.maxMessagesPerRead(receives);
        var bootstrap = new ServerBootstrap();
        bootstrap.childOption(ChannelOption.RECVBUF_ALLOCATOR, allocator);
        link = Link.listen(Files.createTempDirectory(directory, "c"), group, bootstrap);
        sent = 0;
        connection = link.connect();
        client = connection.client().channel();
        server = connection.server().channel();
        inbox = connection.server().inbox();
        becomeQuiet();
    }

    @BeforeEach
    void connect() throws Exception {
        connect(8192, 16);
    }

    @AfterEach
    void close() {
        group.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }

    @Test
    void startsLevelTriggered() throws Exception {
        assertThat(onLoop(link.connect().server().channel()::isEdgeTriggered)).isFalse();
    }

    @Test
    void whatTheAllocatorLeavesIsReadInLaterTurns() throws Exception {
        connect(4, 2);

        send(1001);

        inbox.awaitBytes(sent);
        becomeQuiet();
    }

    @Test
    void aReadThatFillsItsBufferDoesNotCountAsTheLast() throws Exception {
        connect(100, 1);

        send(100);
        inbox.awaitBytes(sent);
        assertThat(onLoop(server::isEdgeTriggered)).isFalse();

        becomeQuiet();
    }

    @Test
    void aReadThatEndsAtDescriptorsDoesNotCountAsTheLast() throws Exception {
        connect(8192, 1);
        try (EventFd event = EventFd.create()) {
            for (int i = 0; i < 10; i++) {
                var one = FdBundle.ofOwned(List.of(Descriptors.duplicate(event.fd())));
                var _ = client.write(Chunk.of(bytes(3), one));
                sent += 3;
                send(5);
            }
            inbox.awaitBytes(sent);
            inbox.closeDescriptors();
        }
        becomeQuiet();
    }

    @Test
    void readsThatWereOffOnTheLoopFindWhatHasCome() throws Exception {
        for (int i = 0; i < 20; i++) {
            onLoop(() -> server.config().setAutoRead(false));
            send(10);
            onLoop(() -> server.config().setAutoRead(true));
            inbox.awaitBytes(sent);
        }
    }

    @Test
    void readsThatWereOffOnAnotherThreadFindWhatHasCome() throws Exception {
        for (int i = 0; i < 200; i++) {
            server.config().setAutoRead(false);
            send(10);
            server.config().setAutoRead(true);
            inbox.awaitBytes(sent);
        }
    }

    @Test
    void readsOneByOneLeaveNothing() throws Exception {
        connect(10, 1);
        onLoop(() -> server.config().setAutoRead(false));
        int before = sent;
        send(500);
        for (int read = 10; read <= 500; read += 10) {
            server.read();
            inbox.awaitBytes(before + read);
        }
    }

    @Test
    void suspendedItMissesNeitherBytesNorTheEnd() throws Exception {
        onLoop(() -> {
            server.suspend();
            return true;
        });
        send(10);
        client.close().sync();

        onLoop(() -> {
            server.resume();
            return true;
        });

        inbox.awaitBytes(sent);
        inbox.awaitInactive();
    }

    /// As a loop does that does not wait for epoll.
    @Test
    void suspendedItIsNotPolledEither() throws Exception {
        onLoop(() -> {
            server.suspend();
            return true;
        });
        client.writeAndFlush(bytes(10)).sync();
        sent += 10;

        assertThat(onLoop(((LoopHandler.Pollable) server.unsafe())::poll)).isFalse();

        onLoop(() -> {
            server.resume();
            return true;
        });
        inbox.awaitBytes(sent);
    }

    @Test
    void anotherLoopFindsWhatCameOnTheWay() throws Exception {
        EventLoopGroup other = EventLoops.of(1).daemon(true).start();
        try {
            for (int i = 0; i < 10; i++) {
                server.deregister().sync();
                send(10);
                (i % 2 == 0 ? other : group).register(server).sync();
                inbox.awaitBytes(sent);
                becomeQuiet();
            }
            server.close().sync();
        } finally {
            other.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).sync();
        }
    }

    @Test
    void dataAndEndThatComeTogetherAreBothRead() throws Exception {
        connect(7, 1);

        send(100);
        client.close().sync();

        inbox.awaitBytes(sent);
        inbox.awaitInactive();
    }

    @Test
    void theEndOfOneDirectionIsSeenOnceAndTheOtherGoesOn() throws Exception {
        onLoop(() -> server.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true));
        send(10);
        client.shutdownOutput().sync();
        inbox.awaitEvent(ChannelInputShutdownReadComplete.INSTANCE);

        server.writeAndFlush(bytes(300)).sync();

        connection.client().inbox().awaitBytes(300);
        client.close().sync();
        inbox.awaitInactive();
    }

    @Test
    void aFullQueueIsSentAndInputSeenMeanwhile() throws Exception {
        onLoop(connection.client().channel(), () -> client.config().setAutoRead(false));
        int size = 4_000_000;
        var written = server.writeAndFlush(bytes(size));
        assertThat(onLoop(server::isEdgeTriggered)).isFalse();
        send(10);
        inbox.awaitBytes(sent);

        onLoop(connection.client().channel(), () -> client.config().setAutoRead(true));

        connection.client().inbox().awaitBytes(size);
        written.sync();
        becomeQuiet();
    }

    @Test
    void aHandlerThatThrowsKeepsNobodyFromReading() throws Exception {
        server.pipeline().addFirst(new Thrower());
        for (int i = 0; i < 20; i++) {
            client.writeAndFlush(bytes(10)).sync();
            inbox.awaitFailures(i + 1);
        }
        server.pipeline().remove(Thrower.class);

        send(10);

        inbox.awaitBytes(sent);
    }

    private void becomeQuiet() throws Exception {
        for (int i = 0; i < QUIET; i++) {
            send(1);
            inbox.awaitBytes(sent);
        }
        assertThat(onLoop(server::isEdgeTriggered)).isTrue();
    }

    private void send(int count) {
        var _ = client.writeAndFlush(bytes(count));
        sent += count;
    }

    private static ByteBuf bytes(int count) {
        return Unpooled.directBuffer(count).writeZero(count);
    }

    private <T> T onLoop(Callable<T> task) throws Exception {
        return onLoop(server, task);
    }

    private static <T> T onLoop(Channel channel, Callable<T> task) throws Exception {
        return channel.eventLoop().submit(task).get(30, TimeUnit.SECONDS);
    }

    /// Fails on each message.
    private static final class Thrower extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ((ByteBuf) message).release();
            throw new IllegalStateException("thrown by the test");
        }
    }
}
