package io.vfiouser.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoDescriptorLeaks.class)
class VfioUserChannelTest {
    @TempDir private Path directory;
    private Link link;

    @BeforeEach
    void listen() throws InterruptedException {
        link = Link.listen(directory);
    }

    @AfterEach
    void close() {
        link.close();
    }

    @Test
    void echoesThousandsOfMessagesSplitAndGlued() throws InterruptedException {
        var connection = link.connect();
        connection.server().channel().pipeline().addFirst(new Echo());
        var random = new Random(11);
        ByteBuf all = Unpooled.buffer();
        VfioUserChannel client = connection.client().channel();
        for (int i = 0; i < 5000; i++) {
            byte[] message = new byte[random.nextInt(3000)];
            random.nextBytes(message);
            all.writeBytes(message);
            ByteBuf copy = random.nextBoolean() ? Unpooled.directBuffer() : Unpooled.buffer();
            write(client, copy.writeBytes(message));
            if (random.nextInt(7) == 0) {
                client.flush();
            }
        }
        client.flush();

        byte[] echoed = connection.client().inbox().awaitBytes(all.readableBytes());

        assertThat(Unpooled.wrappedBuffer(echoed)).isEqualTo(all);
    }

    @Test
    void carriesDescriptorsBothWaysWithTheirMessages() throws InterruptedException {
        var connection = link.connect();
        try (EventFd first = EventFd.create();
                EventFd second = EventFd.create()) {
            write(connection.client().channel(), bytes("before"));
            write(connection.client().channel(), chunk("request", first, second));
            writeAndFlush(connection.client().channel(), bytes("after"));
            assertThat(connection.server().inbox().awaitBytes(18))
                    .asString()
                    .isEqualTo("beforerequestafter");
            FdBundle arrived = connection.server().inbox().awaitDescriptors();
            assertThat(arrived.count()).isEqualTo(2);
            try (EventFd same = EventFd.adopt(arrived.take(1))) {
                same.signal();
            }
            arrived.close();
            assertThat(first.drain()).isZero();
            assertThat(second.drain()).isEqualTo(1);

            writeAndFlush(connection.server().channel(), chunk("reply", first));
            FdBundle returned = connection.client().inbox().awaitDescriptors();
            assertThat(returned.count()).isEqualTo(1);
            returned.close();
        }
    }

    @Test
    void manyMessagesWithDescriptorsKeepTheirOrder() throws InterruptedException {
        var connection = link.connect();
        VfioUserChannel client = connection.client().channel();
        try (EventFd event = EventFd.create()) {
            for (int i = 0; i < 1000; i++) {
                int count = i % 5;
                var attached = new EventFd[count];
                java.util.Arrays.fill(attached, event);
                write(client, count == 0 ? bytes("0") : chunk("" + count, attached));
            }
            client.flush();
            byte[] arrived = connection.server().inbox().awaitBytes(1000);
            for (int i = 0; i < 1000; i++) {
                assertThat(arrived[i]).isEqualTo((byte) ('0' + i % 5));
                if (i % 5 != 0) {
                    FdBundle bundle = connection.server().inbox().awaitDescriptors();
                    assertThat(bundle.count()).isEqualTo(i % 5);
                    bundle.close();
                }
            }
        }
    }

    @Test
    void oneFlushGathersUpToTheNextDescriptors() throws InterruptedException {
        var connection = link.connect();
        VfioUserChannel client = connection.client().channel();
        try (EventFd event = EventFd.create()) {
            onLoop(
                    client,
                    () -> {
                        for (int i = 0; i < 10; i++) {
                            write(client, bytes("a"));
                        }
                        write(client, chunk("b", event));
                        for (int i = 0; i < 70; i++) {
                            write(client, bytes("c"));
                        }
                        client.flush();
                    });
        }
        connection.server().inbox().awaitBytes(81);
        connection.server().inbox().awaitDescriptors().close();

        assertThat(client.sendCalls()).isEqualTo(4); // 10, 1 with descriptors, 64, 6
        assertThat(connection.server().inbox().reads()).isLessThanOrEqualTo(3);
    }

    @Test
    void aRequestAndItsReplyTakeOneCallEach() throws InterruptedException {
        var connection = link.connect();
        VfioUserChannel client = connection.client().channel();
        VfioUserChannel server = connection.server().channel();
        server.pipeline().addFirst(new Echo());
        for (int i = 1; i <= 200; i++) {
            writeAndFlush(client, bytes("0123456789abcdef"));
            connection.client().inbox().awaitBytes(16 * i);
        }

        assertThat(server.receiveCalls()).isEqualTo(200);
        assertThat(server.sendCalls()).isEqualTo(200);
        assertThat(client.receiveCalls()).isEqualTo(200);
    }

    @Test
    void fullReadsAreFollowedByAnother() throws InterruptedException {
        var connection = link.connect();
        VfioUserChannel server = connection.server().channel();
        server.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(16));
        pauseReads(server);

        connection.client().channel().writeAndFlush(bytes("x".repeat(40))).sync();
        server.config().setAutoRead(true);

        connection.server().inbox().awaitBytes(40);
        assertThat(server.receiveCalls()).isEqualTo(3); // 16, 16, and 8 that say it is empty
    }

    @Test
    void nonReadingPeerMakesTheChannelUnwritable() throws InterruptedException {
        var connection = link.connect();
        VfioUserChannel client = connection.client().channel();
        client.config().setWriteBufferWaterMark(new WriteBufferWaterMark(64 << 10, 128 << 10));
        pauseReads(connection.server().channel());
        int written = 0;
        while (client.isWritable()) {
            writeAndFlush(client, Unpooled.directBuffer().writeZero(32 << 10));
            written += 32 << 10;
            onLoop(client, () -> {});
        }
        long calls = client.sendCalls();
        onLoop(client, client::flush);
        assertThat(client.sendCalls()).isEqualTo(calls); // waits for epoll, does not try in vain
        assertThat(client.bytesBeforeWritable()).isPositive();

        connection.server().channel().config().setAutoRead(true);

        connection.server().inbox().awaitBytes(written);
        connection.client().inbox().awaitWritabilityChanges(2);
        assertThat(client.isWritable()).isTrue();
    }

    @Test
    void largeChunkKeepsItsDescriptorsOnItsFirstByte() throws InterruptedException {
        var connection = link.connect();
        try (EventFd event = EventFd.create()) {
            byte[] content = new byte[2 << 20];
            new Random(5).nextBytes(content);
            ChannelFuture written =
                    connection
                            .client()
                            .channel()
                            .writeAndFlush(
                                    Chunk.of(
                                            Unpooled.directBuffer().writeBytes(content),
                                            duplicates(event)));
            assertThat(connection.server().inbox().awaitBytes(content.length)).isEqualTo(content);
            assertThat(written.sync().isSuccess()).isTrue();
            FdBundle arrived = connection.server().inbox().awaitDescriptors();
            assertThat(arrived.count()).isEqualTo(1);
            arrived.close();
        }
    }

    @Test
    void chunkCountsWithItsBytesTowardsTheWaterMarks() throws InterruptedException {
        var connection = link.connect();
        VfioUserChannel client = connection.client().channel();
        try (EventFd event = EventFd.create()) {
            onLoop(
                    client,
                    () -> {
                        long before = client.bytesBeforeUnwritable();
                        write(client, chunk("x".repeat(1000), event));
                        assertThat(before - client.bytesBeforeUnwritable()).isBetween(1000L, 1200L);
                    });
        }
    }

    @Test
    void withoutAutoReadEachReadBringsOneDelivery() throws InterruptedException {
        var connection = link.connect();
        VfioUserChannel server = connection.server().channel();
        pauseReads(server);
        connection.client().channel().writeAndFlush(bytes("first")).sync();
        onLoop(server, () -> {});
        assertThat(connection.server().inbox().reads()).isZero();

        server.read();
        connection.server().inbox().awaitBytes(5);
        connection.client().channel().writeAndFlush(bytes("second")).sync();
        onLoop(server, () -> {});
        assertThat(connection.server().inbox().reads()).isEqualTo(1);

        server.config().setAutoRead(true);
        connection.server().inbox().awaitBytes(11);
    }

    @Test
    void lossOfThePeerIsSeenWhileReadsArePaused() throws InterruptedException {
        var connection = link.connect();
        pauseReads(connection.server().channel());
        connection.client().channel().writeAndFlush(bytes("last words")).sync();

        close(connection.client().channel());

        connection.server().inbox().awaitInactive();
        assertThat(connection.server().inbox().awaitBytes(10)).asString().isEqualTo("last words");
    }

    @Test
    void peerThatHasGoneWithUnreadBytesIsAnErrorAndCloses() throws InterruptedException {
        var connection = link.connect();
        pauseReads(connection.client().channel());
        connection.server().channel().writeAndFlush(bytes("never read")).sync();

        close(connection.client().channel());

        assertThat(connection.server().inbox().awaitFailures(1))
                .first()
                .asString()
                .contains("recvmsg")
                .contains("ECONNRESET");
        connection.server().inbox().awaitInactive();
    }

    @Test
    void writeToALostPeerFailsAndCloses() throws InterruptedException {
        var connection = link.connect();
        VfioUserChannel server = connection.server().channel();
        connection.client().channel().close().sync();
        connection.server().inbox().awaitInactive();
        try (EventFd event = EventFd.create()) {
            ChannelFuture written = server.writeAndFlush(chunk("too late", event)).await();
            assertThat(written.isSuccess()).isFalse();
        }
        assertThat(server.isOpen()).isFalse();
    }

    @Test
    void closeWithUnsentDescriptorsFailsTheWritesAndLeaksNothing() throws InterruptedException {
        var connection = link.connect();
        VfioUserChannel client = connection.client().channel();
        pauseReads(connection.server().channel());
        List<ChannelFuture> writes = new ArrayList<>();
        try (EventFd event = EventFd.create()) {
            for (int i = 0; i < 100; i++) {
                writes.add(client.writeAndFlush(chunk("x".repeat(32 << 10), event)));
            }
            writes.add(client.write(chunk("never flushed", event)));
            onLoop(client, () -> {});
        }

        client.close().sync();

        assertThat(writes.getFirst().isSuccess()).isTrue();
        for (ChannelFuture write : writes.subList(90, 101)) {
            assertThat(write.await().isSuccess()).isFalse();
        }
        // What fitted into the queue was read when the client closed, the rest is the kernel's.
        connection.server().inbox().awaitInactive();
        connection.server().inbox().closeDescriptors();
    }

    @Test
    void chunkThatNobodyHandlesIsClosed() throws InterruptedException {
        var connection = link.connect();
        VfioUserChannel server = connection.server().channel();
        var passedOn = new CountDownLatch(1);
        server.pipeline().removeLast();
        server.pipeline()
                .addLast(
                        new ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(ChannelHandlerContext ctx, Object message) {
                                ctx.fireChannelRead(message);
                                passedOn.countDown();
                            }
                        });
        try (EventFd event = EventFd.create()) {
            connection.client().channel().writeAndFlush(chunk("lost", event)).sync();
        }
        passedOn.await();
    }

    @Test
    void halfClosedPeerStillGetsItsReply() throws InterruptedException {
        var connection = link.connect();
        VfioUserChannel server = connection.server().channel();
        server.config().setAllowHalfClosure(true);
        connection.client().channel().writeAndFlush(bytes("request")).sync();
        connection.client().channel().shutdownOutput().sync();
        assertThat(connection.client().channel().isOutputShutdown()).isTrue();

        connection
                .server()
                .inbox()
                .awaitEvent(io.netty.channel.socket.ChannelInputShutdownReadComplete.INSTANCE);
        assertThat(connection.server().inbox().events())
                .contains(io.netty.channel.socket.ChannelInputShutdownEvent.INSTANCE);
        assertThat(server.isInputShutdown()).isTrue();
        assertThat(server.isOpen()).isTrue();
        writeAndFlush(server, bytes("reply"));
        assertThat(connection.client().inbox().awaitBytes(5)).asString().isEqualTo("reply");
        // Now the peer goes altogether: nothing is left to keep the channel for.
        close(connection.client().channel());
        connection.server().inbox().awaitInactive();
    }

    @Test
    void withoutHalfClosureTheEndOfTheStreamCloses() throws InterruptedException {
        var connection = link.connect();
        connection.client().channel().shutdownOutput().sync();

        connection.server().inbox().awaitInactive();
        connection.client().inbox().awaitInactive();
    }

    @Test
    void inputCanBeShutDownAlone() throws InterruptedException {
        var connection = link.connect();
        VfioUserChannel client = connection.client().channel();
        client.shutdownInput().sync();

        assertThat(client.isInputShutdown()).isTrue();
        connection
                .client()
                .inbox()
                .awaitEvent(io.netty.channel.socket.ChannelInputShutdownReadComplete.INSTANCE);
        client.writeAndFlush(bytes("still sends")).sync();
        connection.server().inbox().awaitBytes(11);
        client.shutdown().sync();
        assertThat(client.isShutdown()).isTrue();
        connection.server().inbox().awaitInactive();
        connection.client().inbox().awaitInactive();
    }

    @Test
    void knowsItsPeerAndItsAddresses() throws InterruptedException {
        var connection = link.connect();
        int pid = (int) ProcessHandle.current().pid();

        assertThat(connection.server().channel().peerCredentials().pid()).isEqualTo(pid);
        assertThat(connection.client().channel().peerCredentials().pid()).isEqualTo(pid);
        assertThat(connection.client().channel().remoteAddress()).isEqualTo(link.address());
        assertThat(connection.server().channel().localAddress()).isEqualTo(link.address());
    }

    @Test
    void refusesWhatItCannotSend() throws InterruptedException {
        VfioUserChannel client = link.connect().client().channel();

        assertThat(client.writeAndFlush("text").await().cause())
                .hasMessage("message: java.lang.String (expected: ByteBuf or Chunk)");
        try (EventFd event = EventFd.create()) {
            assertThat(client.writeAndFlush(chunk("", event)).await().cause())
                    .hasMessage("bytes: 0 (expected: at least 1 to carry 1 descriptors)");
            var tooMany = new EventFd[254];
            java.util.Arrays.fill(tooMany, event);
            assertThat(client.writeAndFlush(chunk("x", tooMany)).await().cause())
                    .hasMessage("descriptors: 254 (expected: at most 253 in one chunk)");
        }
        assertThat(client.isActive()).isTrue();
        assertThat(client.writeAndFlush(Unpooled.EMPTY_BUFFER).await().isSuccess()).isTrue();
        assertThat(client.writeAndFlush(Chunk.of(bytes("x"), FdBundle.empty())).await().isSuccess())
                .isTrue();
        assertThat(
                        client.writeAndFlush(Chunk.of(Unpooled.EMPTY_BUFFER, FdBundle.empty()))
                                .await()
                                .isSuccess())
                .isTrue();
    }

    @Test
    void worksOnTheCallersOwnGroupWithManyChannels() throws Exception {
        var group = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
        try (Link own =
                Link.listen(
                        Files.createDirectory(directory.resolve("own")),
                        group,
                        new ServerBootstrap())) {
            List<Link.Connection> connections = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                Link.Connection connection = own.connect();
                connection.server().channel().pipeline().addFirst(new Echo());
                connections.add(connection);
            }
            for (Link.Connection connection : connections) {
                writeAndFlush(connection.client().channel(), bytes("ping"));
            }
            for (Link.Connection connection : connections) {
                assertThat(connection.client().inbox().awaitBytes(4)).asString().isEqualTo("ping");
            }
        }
    }

    @Test
    void movesToAnotherLoop() throws InterruptedException {
        var connection = link.connect();
        VfioUserChannel server = connection.server().channel();
        EventLoopGroup other = EventLoops.of(1).daemon(true).start();
        try {
            server.deregister().sync();
            connection.client().channel().writeAndFlush(bytes("waits")).sync();
            other.register(server).sync();
            connection.server().inbox().awaitBytes(5);
            server.close().sync();
        } finally {
            other.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).sync();
        }
    }

    @Test
    void refusesLoopsOfOtherTransports() throws InterruptedException {
        EventLoopGroup nio = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        var channel = new VfioUserChannel();
        try {
            assertThat(nio.register(channel).await().cause())
                    .hasMessageContaining("incompatible event loop type");
        } finally {
            Descriptors.close(channel.fd());
            nio.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).sync();
        }
    }

    @Test
    void takesOneEndOfAPair() throws InterruptedException {
        FileDescriptor[] pair = UnixSockets.pair();
        var inbox = new Inbox();
        Channel[] ends = {new VfioUserChannel(pair[0]), new VfioUserChannel(pair[1])};
        ends[1].pipeline().addLast(inbox);
        for (Channel end : ends) {
            link.group().register(end).sync();
        }
        writeAndFlush(ends[0], bytes("hello"));
        assertThat(inbox.awaitBytes(5)).asString().isEqualTo("hello");
        ends[0].close().sync();
        inbox.awaitInactive();
    }

    @Test
    void optionsAreReadAndSet() throws InterruptedException {
        VfioUserChannelConfig config = link.connect().client().channel().config();

        assertThat(config.setOption(ChannelOption.SO_SNDBUF, 100_000)).isTrue();
        assertThat(config.getOption(ChannelOption.SO_SNDBUF)).isEqualTo(200_000);
        assertThat(config.setOption(ChannelOption.SO_RCVBUF, 100_000)).isTrue();
        assertThat(config.getOption(ChannelOption.SO_RCVBUF)).isEqualTo(200_000);
        assertThat(config.getOption(ChannelOption.ALLOW_HALF_CLOSURE)).isFalse();
        config.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        assertThat(config.isAllowHalfClosure()).isTrue();
        assertThat(config.getOptions())
                .containsKeys(
                        ChannelOption.ALLOW_HALF_CLOSURE,
                        ChannelOption.SO_SNDBUF,
                        ChannelOption.SO_RCVBUF,
                        ChannelOption.AUTO_READ);
    }

    /// A failure shows up in the inbox of the channel.
    private static void write(Channel channel, Object message) {
        channel.write(message).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }

    private static void writeAndFlush(Channel channel, Object message) {
        channel.writeAndFlush(message).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }

    private static void close(Channel channel) {
        channel.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, java.nio.charset.StandardCharsets.US_ASCII);
    }

    private static Chunk chunk(String text, EventFd... attached) {
        return Chunk.of(bytes(text), duplicates(attached));
    }

    private static FdBundle duplicates(EventFd... attached) {
        List<FileDescriptor> descriptors = new ArrayList<>();
        for (EventFd event : attached) {
            descriptors.add(Descriptors.duplicate(event.fd()));
        }
        return FdBundle.ofOwned(descriptors);
    }

    private static void pauseReads(Channel channel) throws InterruptedException {
        onLoop(channel, () -> channel.config().setAutoRead(false));
    }

    private static void onLoop(Channel channel, Runnable task) throws InterruptedException {
        channel.eventLoop().submit(task).sync();
    }

    /// Sends back what comes, on the loop.
    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            write(ctx.channel(), message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            ctx.flush();
        }
    }
}
