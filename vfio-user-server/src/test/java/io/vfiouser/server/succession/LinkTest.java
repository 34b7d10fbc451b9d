package io.vfiouser.server.succession;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.server.handover.TakeoverException;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.transport.EventLoops;
import io.vfiouser.transport.VfioUserChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Whether a message has left is known in any case: two processes, or none, would serve else.
@ExtendWith(NoDescriptorLeaks.class)
final class LinkTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final EventLoopGroup ours = EventLoops.of(1).daemon(true).start();
    private final EventLoopGroup theirs = EventLoops.of(1).daemon(true).start();
    private final FileDescriptor[] pair = UnixSockets.pair();
    private final Link link = Link.open(new VfioUserChannel(pair[0]), ours.next());
    private final Link other = Link.open(new VfioUserChannel(pair[1]), theirs.next());

    @AfterEach
    void close() {
        link.close();
        other.close();
        ours.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
        theirs.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }

    @Test
    void whatLeftAfterAnInterruptIsNotDenied() throws Exception {
        var held = new CountDownLatch(1);
        ours.next().execute(() -> awaitQuietly(held));
        var interrupted = new CompletableFuture<Boolean>();
        Thread sender =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                link.send(Step.TAKEN);
                                interrupted.complete(Thread.currentThread().isInterrupted());
                            } catch (TakeoverException e) {
                                interrupted.completeExceptionally(e);
                            }
                        });
        while (sender.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        sender.interrupt();
        held.countDown();

        assertThat(interrupted.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        other.expect(Step.TAKEN, PATIENCE).close();
    }

    @Test
    void whatCannotLeaveIsTold() {
        other.close();

        assertThatThrownBy(
                        () -> {
                            while (true) { // its socket is closed soon
                                link.send(Step.TAKEN);
                            }
                        })
                .isInstanceOf(TakeoverException.class)
                .hasMessage("the other process does not read TAKEN");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
