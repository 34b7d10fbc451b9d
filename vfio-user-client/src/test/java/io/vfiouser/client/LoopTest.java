package io.vfiouser.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoopGroup;
import io.vfiouser.transport.EventLoops;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Threads: whose loop runs a client, and who may wait for it.
final class LoopTest extends ClientTest {
    private static final String RESET = "01 00 0d 00 10 00 00 00 00 00 00 00 00 00 00 00";
    private static final String RESET_DONE = "01 00 0d 00 10 00 00 00 01 00 00 00 00 00 00 00";

    @Test
    void refusesToWaitOnItsLoop() {
        try (VfioUserClient client = connect()) {
            var waiting = client.async().reset().thenApply(_ -> client.info());
            server.expect(RESET);
            server.send(RESET_DONE);
            assertThatThrownBy(waiting::join)
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("an event loop (expected: a thread that may wait");
        }
    }

    @Test
    void refusesToConnectAndWaitOnTheCallersLoop() throws Exception {
        EventLoopGroup loops = EventLoops.of(2).daemon(true).start();
        try {
            var options = OPTIONS.withEventLoopGroup(loops);
            var waiting = loops.submit(() -> VfioUserClient.connect(server.socket(), options));
            assertThatThrownBy(waiting::get).hasCauseInstanceOf(IllegalStateException.class);
        } finally {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void leavesTheCallersLoopsRunning() throws Exception {
        EventLoopGroup loops = EventLoops.of(1).daemon(true).start();
        try {
            try (VfioUserClient client = connect(OPTIONS.withEventLoopGroup(loops))) {
                assertThat(client.isOpen()).isTrue();
            }
            server.expectClose();
            assertThat(loops.isShuttingDown()).isFalse();
            assertThat(loops.submit(() -> 42).get()).isEqualTo(42);
        } finally {
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void mayBeClosedOnItsLoop() {
        VfioUserClient client = connect();
        var closing = client.async().reset().thenRun(client::close);
        server.expect(RESET);
        server.send(RESET_DONE);
        closing.join();
        server.expectClose();
    }

    @Test
    void stopsWaitingWhenInterrupted() throws Exception {
        try (VfioUserClient client = connect()) {
            var outcome = new CompletableFuture<Throwable>();
            Thread waiter =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    client.reset();
                                } catch (CancellationException e) {
                                    outcome.complete(e);
                                }
                            });
            server.expect(RESET);
            waiter.interrupt();
            assertThat(outcome.get()).hasMessageContaining("interrupted");
            waiter.join();
        }
    }

    @Test
    void throwsWithTheTraceOfTheCaller() {
        try (VfioUserClient client = connect()) {
            var caught =
                    beside(() -> {
                        try {
                            client.reset();
                            throw new AssertionError("no refusal");
                        } catch (RemoteErrorException e) {
                            return e;
                        }
                    });
            server.expect(RESET);
            server.send("01 00 0d 00 10 00 00 00 21 00 00 00 05 00 00 00");
            assertThat(caught.join().getStackTrace())
                    .anyMatch(frame -> frame.getClassName().startsWith(LoopTest.class.getName()));
        }
    }

    @Test
    void closesTheConnectionOfACallThatNobodyWaitsFor() {
        var connecting = VfioUserClient.connectAsync(server.socket(), OPTIONS);
        server.expect(FakeServer.VERSION);
        connecting.cancel(false);
        server.send(FakeServer.VERSION_REPLY);
        server.expectClose();
    }
}
