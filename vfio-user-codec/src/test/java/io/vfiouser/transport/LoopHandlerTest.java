package io.vfiouser.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// How often the loop asks epoll in a way that may sleep.
final class LoopHandlerTest {
    private final FakeEpoll epoll = new FakeEpoll();

    private LoopHandler handler(BusyPoll busyPoll) {
        return new LoopHandler(epoll, busyPoll.nanos());
    }

    private void turns(LoopHandler handler, int count) {
        IntStream.range(0, count).forEach(_ -> handler.run(new IdleLoop()));
    }

    @Test
    void sleepsInEveryTurnUnlessItPolls() {
        LoopHandler handler = handler(BusyPoll.NEVER);
        epoll.events = 1;
        turns(handler, 1);
        epoll.events = 0;
        turns(handler, 9);

        assertThat(epoll.sleeps).isEqualTo(10);
    }

    @Test
    void neverSleepsIfItAlwaysPolls() {
        turns(handler(BusyPoll.ALWAYS), 10);

        assertThat(epoll.turns).isEqualTo(10);
        assertThat(epoll.sleeps).isZero();
    }

    @Test
    void sleepsBeforeTheFirstWork() {
        turns(handler(BusyPoll.lasting(Duration.ofHours(1))), 1);

        assertThat(epoll.sleeps).isEqualTo(1);
    }

    @Test
    void doesNotSleepWhileTheTimeAfterWorkLasts() {
        LoopHandler handler = handler(BusyPoll.lasting(Duration.ofHours(1)));
        epoll.events = 1;
        turns(handler, 1);
        epoll.events = 0;
        turns(handler, 100);

        assertThat(epoll.sleeps).as("the wait that brought the work").isEqualTo(1);
    }

    @Test
    void sleepsOnceTheTimeAfterWorkIsOver() {
        LoopHandler handler = handler(BusyPoll.lasting(Duration.ofNanos(1)));
        epoll.events = 1;
        turns(handler, 1);
        epoll.events = 0;
        turns(handler, 2);

        assertThat(epoll.sleeps).isEqualTo(3);
    }

    /// Nothing to run, no timer.
    private static final class IdleLoop implements IoHandlerContext {
        @Override
        public boolean canBlock() {
            return true;
        }

        @Override
        public long delayNanos(long now) {
            return Duration.ofSeconds(1).toNanos();
        }

        @Override
        public long deadlineNanos() {
            return -1;
        }
    }

    /// Counts how it was asked.
    private static final class FakeEpoll implements IoHandler {
        int events;
        int turns;
        int sleeps;

        @Override
        public int run(IoHandlerContext context) {
            turns++;
            if (context.canBlock()) {
                sleeps++;
            }
            return events;
        }

        @Override
        public void prepareToDestroy() {}

        @Override
        public void destroy() {}

        @Override
        public IoRegistration register(IoHandle handle) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void wakeup() {}

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return false;
        }
    }
}
