package io.vfiouser.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoDescriptorLeaks.class)
class VfioUserServerChannelTest {
    @TempDir private Path directory;
    private EventLoopGroup group;

    @BeforeEach
    void start() {
        group = EventLoops.of(1).daemon(true).start();
    }

    @AfterEach
    void stop() {
        group.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }

    @Test
    void withoutAutoReadEachReadAcceptsOneClient() throws InterruptedException {
        try (Link link =
                Link.listen(
                        directory,
                        EventLoops.of(1).daemon(true).start(),
                        new ServerBootstrap().option(ChannelOption.AUTO_READ, false))) {
            link.connectOnly();
            link.connectOnly();
            link.listener().eventLoop().submit(() -> {}).sync();
            assertThat(link.acceptedWaiting()).isZero();

            link.listener().read();
            link.awaitAccepted();
            link.listener().eventLoop().submit(() -> {}).sync();
            assertThat(link.acceptedWaiting()).isZero();

            link.listener().read();
            link.awaitAccepted();
        }
    }

    @Test
    void autoReadSwitchedOffOnTheLoopHoldsAtOnce() throws InterruptedException {
        try (Link link = Link.listen(directory)) {
            var loop = link.listener().eventLoop();
            loop.submit(() -> link.listener().config().setAutoRead(false)).sync();
            link.connectOnly();
            loop.submit(() -> {}).sync();
            assertThat(link.acceptedWaiting()).isZero();

            link.listener().config().setAutoRead(true);
            link.awaitAccepted();
        }
    }

    @Test
    void fileStaysWhenTheChannelIsClosed() throws Exception {
        try (Link link = Link.listen(directory)) {
            link.listener().close().sync();
            assertThat(Files.exists(Path.of(link.address().path()))).isTrue();
        }
    }

    @Test
    void boundPathIsNamedWhenTaken() throws InterruptedException {
        try (Link link = Link.listen(directory)) {
            var second = new VfioUserServerChannel();
            group.register(second).sync();
            assertThat(second.bind(link.address()).await().cause())
                    .isInstanceOf(java.net.BindException.class)
                    .hasMessageContaining(link.address().path())
                    .hasMessageContaining("EADDRINUSE");
            second.close().sync();
        }
    }

    @Test
    void longPathIsNamed() throws InterruptedException {
        var server = new VfioUserServerChannel();
        group.register(server).sync();
        assertThat(server.bind(new DomainSocketAddress("/tmp/" + "x".repeat(103))).await().cause())
                .hasMessageContaining("108 bytes (expected: at most 107)");
        server.close().sync();
    }

    @Test
    void takesAnInheritedListener() throws Exception {
        Path path = directory.resolve("inherited");
        Socket inherited = listening(path);
        BlockingQueue<Object> accepted = new LinkedBlockingQueue<>();
        var server = new VfioUserServerChannel(inherited);
        server.pipeline()
                .addLast(
                        new io.netty.channel.ChannelInboundHandlerAdapter() {
                            @Override
                            public void channelRead(
                                    io.netty.channel.ChannelHandlerContext ctx, Object message) {
                                accepted.add(message);
                            }
                        });
        group.register(server).sync();
        Socket client = Socket.newSocketDomain();
        assertThat(UnixSockets.connect(client, path.toString())).isTrue();
        var child = (VfioUserChannel) accepted.take();
        assertThat(child.parent()).isSameAs(server);
        assertThat(child.isActive()).isTrue();
        child.unsafe(); // never registered, so closed by its descriptor
        Descriptors.close(child.fd());
        client.close();
        server.close().sync();
    }

    @Test
    void refusesDescriptorsThatDoNotListen() throws IOException {
        FileDescriptor[] pair = UnixSockets.pair();
        FileDescriptor[] pipe = FileDescriptor.pipe();
        for (FileDescriptor fd : new FileDescriptor[] {pair[0], pipe[0]}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new VfioUserServerChannel(fd))
                    .withMessageContaining("fd: " + fd.intValue())
                    .withMessageContaining("expected: ");
        }
        Descriptors.close(pair[1]);
        Descriptors.close(pipe[1]);
    }

    @Test
    void failedAcceptIsToldAndPauses() throws Exception {
        // A socket that does not listen: accept fails on it, as it does with too many open files.
        FileDescriptor[] pair = UnixSockets.pair();
        var inbox = new Inbox();
        var server =
                new VfioUserServerChannel(
                        new Socket(pair[0].intValue()), Duration.ofMillis(50), true);
        server.pipeline().addLast(inbox);
        new Socket(pair[1].intValue()).send(java.nio.ByteBuffer.allocateDirect(1), 0, 1);
        long before = System.nanoTime();
        group.register(server).sync();

        assertThat(inbox.awaitFailures(3)).first().asString().contains("accept");
        assertThat(Duration.ofNanos(System.nanoTime() - before))
                .isGreaterThanOrEqualTo(Duration.ofMillis(100));
        server.close().sync();
        Descriptors.close(pair[1]);
    }

    @Test
    void backlogIsAnOption() {
        var server = new VfioUserServerChannel();
        try {
            assertThat(server.config().getOption(ChannelOption.SO_BACKLOG)).isEqualTo(128);
            assertThat(server.config().setOption(ChannelOption.SO_BACKLOG, 3)).isTrue();
            assertThat(server.config().getOptions()).containsEntry(ChannelOption.SO_BACKLOG, 3);
            assertThat(server.config().setOption(ChannelOption.AUTO_READ, false)).isTrue();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> server.config().setBacklog(-1))
                    .withMessage("backlog: -1 (expected: 0 or more)");
        } finally {
            Descriptors.close(server.fd());
        }
    }

    private static Socket listening(Path path) throws IOException {
        Socket socket = Socket.newSocketDomain();
        socket.bind(new DomainSocketAddress(path.toString()));
        socket.listen(5);
        return socket;
    }
}
