package io.vfiouser.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.channels.AlreadyConnectedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Connecting, and all the ways in which it can end otherwise.
@ExtendWith(NoDescriptorLeaks.class)
class ConnectTest {
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
    void absentSocketIsNamed() throws InterruptedException {
        assertThat(connect(directory.resolve("absent")).await().cause())
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("absent")
                .hasMessageContaining("ENOENT");
    }

    @Test
    void fileThatNobodyListensOnIsNamed() throws Exception {
        Path path = Files.createFile(directory.resolve("plain"));

        assertThat(connect(path).await().cause())
                .isInstanceOf(ConnectException.class)
                .hasMessageContaining("plain")
                .hasMessageContaining("ECONNREFUSED");
    }

    @Test
    void longPathIsNamed() throws InterruptedException {
        assertThat(connect(directory.resolve("x".repeat(108))).await().cause())
                .hasMessageContaining("bytes (expected: at most 107)");
    }

    @Test
    void otherAddressesAreRefused() throws InterruptedException {
        assertThat(bootstrap().connect(new InetSocketAddress(0)).await().cause())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: a DomainSocketAddress");
    }

    @Test
    void secondConnectIsRefused() throws InterruptedException {
        try (Link link = Link.listen(directory)) {
            Link.Connection connection = link.connect();
            assertThat(connection.client().channel().connect(link.address()).await().cause())
                    .isInstanceOf(AlreadyConnectedException.class);
            assertThat(connection.client().channel().isActive()).isTrue();
        }
    }

    @Test
    void fullQueueIsWaitedForUntilSomebodyIsAccepted() throws InterruptedException {
        try (Link link = fullLink()) {
            ChannelFuture waiting = link.clients(new Inbox()).connect(link.address());
            waiting.channel().eventLoop().submit(() -> {}).sync();
            assertThat(waiting.isDone()).isFalse();

            link.listener().read();
            link.awaitAccepted();

            assertThat(waiting.await().isSuccess()).isTrue();
        }
    }

    @Test
    void fullQueueEndsInATimeout() throws InterruptedException {
        try (Link link = fullLink()) {
            assertThat(
                            link.clients(new Inbox())
                                    .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 30)
                                    .connect(link.address())
                                    .await()
                                    .cause())
                    .isInstanceOf(ConnectTimeoutException.class)
                    .hasMessageContaining("queue of the listener full for 30 ms");
        }
    }

    @Test
    void closeAndCancelEndTheWaiting() throws InterruptedException {
        try (Link link = fullLink()) {
            ChannelFuture closed = link.clients(new Inbox()).connect(link.address());
            ChannelFuture cancelled = link.clients(new Inbox()).connect(link.address());
            closed.channel().eventLoop().submit(() -> {}).sync();
            closed.channel().close().sync();
            assertThat(closed.await().isSuccess()).isFalse();
            assertThat(cancelled.cancel(false)).isTrue();
            cancelled.channel().closeFuture().sync();
        }
    }

    @Test
    void endOfTheLoopEndsTheWaiting() throws InterruptedException {
        ChannelFuture waiting;
        try (Link link = fullLink()) {
            waiting = link.clients(new Inbox()).connect(link.address());
            waiting.channel().eventLoop().submit(() -> {}).sync();
        }
        assertThat(waiting.channel().isOpen()).isFalse();
        assertThat(waiting.await().isSuccess()).isFalse();
    }

    /// A link whose queue has no room left for clients.
    private Link fullLink() throws InterruptedException {
        Link link =
                Link.listen(
                        directory,
                        EventLoops.of(1).daemon(true).start(),
                        new ServerBootstrap()
                                .option(ChannelOption.SO_BACKLOG, 0)
                                .option(ChannelOption.AUTO_READ, false));
        List<ChannelFuture> queued = new ArrayList<>();
        do {
            ChannelFuture next =
                    link.clients(new Inbox())
                            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 1)
                            .connect(link.address());
            queued.add(next.await());
        } while (queued.getLast().isSuccess());
        assertThat(queued).hasSizeGreaterThan(1);
        return link;
    }

    private ChannelFuture connect(Path path) {
        return bootstrap().connect(new DomainSocketAddress(path.toString()));
    }

    private Bootstrap bootstrap() {
        return new Bootstrap()
                .group(group)
                .channelFactory(VfioUserChannel::new)
                .handler(new Inbox());
    }
}
