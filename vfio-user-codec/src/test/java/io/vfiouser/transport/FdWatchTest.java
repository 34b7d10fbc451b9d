package io.vfiouser.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.vfiouser.os.EventFd;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
class FdWatchTest {
    private final BlockingQueue<String> calls = new LinkedBlockingQueue<>();
    private IoEventLoopGroup group;

    @BeforeEach
    void start() {
        group = EventLoops.of(1).named("doorbells").daemon(true).start();
    }

    @AfterEach
    void stop() {
        shutDown(group);
    }

    @Test
    void callsBackOnTheLoopWithTheNumberOfSignals() throws InterruptedException {
        EventFd event = EventFd.create();
        event.signal();
        event.signal();
        try (FdWatch watch = FdWatch.start(group.next(), event, this::record)) {
            assertThat(calls.take()).startsWith("2 on doorbells-");
            for (int i = 0; i < 100; i++) {
                event.signal();
                assertThat(calls.take()).startsWith("1 on doorbells-");
            }
            assertThat(watch).isNotNull();
        }
        loopTurn();
        assertThat(event.fd().isOpen()).isFalse();
    }

    @Test
    void survivesACallbackThatThrows() throws InterruptedException {
        EventFd event = EventFd.create();
        try (FdWatch watch =
                FdWatch.start(
                        group.next(),
                        event,
                        count -> {
                            record(count);
                            throw new IllegalStateException("expected by the test");
                        })) {
            event.signal();
            assertThat(calls.take()).startsWith("1 ");
            event.signal();
            assertThat(calls.take()).startsWith("1 ");
            assertThat(watch).isNotNull();
        }
        loopTurn();
    }

    @Test
    void noCallbackFollowsACloseOnTheLoop() throws InterruptedException {
        EventFd event = EventFd.create();
        FdWatch watch = FdWatch.start(group.next(), event, this::record);
        group.next()
                .submit(() -> {
                    event.signal();
                    watch.close();
                    watch.close();
                })
                .sync();
        loopTurn();
        assertThat(calls).isEmpty();
    }

    @Test
    void endsWithItsLoop() {
        EventFd event = EventFd.create();
        FdWatch watch = FdWatch.start(group.next(), event, this::record);
        shutDown(group);
        assertThat(event.fd().isOpen()).isFalse();
        watch.close();
    }

    @Test
    void loopThatHasEndedClosesTheEventFd() {
        shutDown(group);
        EventFd event = EventFd.create();
        FdWatch.start(group.next(), event, this::record).close();
        assertThat(event.fd().isOpen()).isFalse();
    }

    @Test
    void refusesLoopsOfOtherTransports() {
        var nio = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (EventFd event = EventFd.create()) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> FdWatch.start(nio.next(), event, this::record))
                    .withMessageContaining("expected: one of Netty's epoll transport");
        } finally {
            shutDown(nio);
        }
    }

    private void record(long count) {
        calls.add(count + " on " + Thread.currentThread().getName());
    }

    private void loopTurn() throws InterruptedException {
        group.next().submit(() -> {}).sync();
    }

    private static void shutDown(IoEventLoopGroup group) {
        group.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }
}
