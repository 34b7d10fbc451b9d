package io.vfiouser.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
class EventFdTest {
    @Test
    void countsSignals() {
        try (EventFd event = EventFd.create()) {
            assertThat(event.drain()).isZero();
            assertThat(event.signal()).isTrue();
            assertThat(event.signal()).isTrue();
            assertThat(event.await(Duration.ZERO)).isTrue();
            assertThat(event.drain()).isEqualTo(2);
            assertThat(event.await(Duration.ofMillis(1))).isFalse();
        }
    }

    @Test
    void wakesAWaitingThread() throws ExecutionException, InterruptedException {
        try (EventFd event = EventFd.create();
                var threads = Executors.newSingleThreadExecutor()) {
            var woken = threads.submit(() -> event.await(Duration.ofSeconds(30)));
            event.signal();
            assertThat(woken.get()).isTrue();
        }
    }

    @Test
    void aFullCounterHoldsNobodyUp() {
        for (int flags : new int[] {0, O_NONBLOCK}) {
            FileDescriptor fd = full(flags);
            try (EventFd event = EventFd.adopt(fd)) {
                assertThat(event.signal()).isTrue();
                assertThat(event.signal()).isTrue();
                assertThat(event.drain()).isEqualTo(-1L);
                assertThat(event.signal()).isTrue();
                assertThat(event.drain()).isEqualTo(1);
            }
        }
    }

    @Test
    void withoutAsynchronousRequestsAFullCounterIsToldAtOnce() {
        for (int flags : new int[] {0, O_NONBLOCK}) {
            FileDescriptor fd = full(flags);
            try (EventFd event = EventFd.adopt(fd)) {
                assertThat(event.signalCarefully()).isFalse();
                assertThat(event.drain()).isEqualTo(-2L);
                assertThat(event.signalCarefully()).isTrue();
            }
        }
    }

    /// More signals than a queue of requests has room for, from more threads than there are queues.
    @Test
    void signalsOfManyThreadsAllCount() throws Exception {
        int threads = 20;
        int each = 2000;
        try (EventFd event = EventFd.adopt(EventFd.create().fd());
                var pool = Executors.newFixedThreadPool(threads)) {
            assertThat(EventFd.signalsNeverBlock()).isTrue();
            var done = new ArrayList<Future<?>>();
            for (int i = 0; i < threads; i++) {
                done.add(
                        pool.submit(() -> {
                            for (int signal = 0; signal < each; signal++) {
                                assertThat(event.signal()).isTrue();
                            }
                        }));
            }
            for (Future<?> thread : done) {
                thread.get();
            }
            assertThat(event.drain()).isEqualTo((long) threads * each);
        }
    }

    /// The peer takes `O_NONBLOCK` away and fills the counter while it is signalled.
    @Test
    void flagsThatChangeAllTheTimeHoldNobodyUp() throws Exception {
        FileDescriptor fd = full(0);
        var over = new AtomicBoolean();
        try (EventFd event = EventFd.adopt(fd);
                var peer = Executors.newSingleThreadExecutor()) {
            var flipping =
                    peer.submit(() -> {
                        for (boolean blocking = false; !over.get(); blocking = !blocking) {
                            if (blocking) {
                                Descriptors.setBlocking(fd);
                            } else {
                                Descriptors.setNonBlocking(fd);
                            }
                        }
                    });
            for (int i = 0; i < 20_000; i++) {
                assertThat(event.signal()).isTrue();
            }
            over.set(true);
            flipping.get();
        }
    }

    @Test
    void emptyBlockingEventFdDrainsAtOnce() {
        FileDescriptor fd = full(0);
        try (EventFd event = EventFd.adopt(fd)) {
            assertThat(event.drain()).isEqualTo(-2L);
            assertThat(event.drain()).isZero();
        }
    }

    @Test
    void refusesAndClosesWhatIsNoEventFd() throws IOException {
        FileDescriptor[] pipe = TestPipe.open();

        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(() -> EventFd.adopt(pipe[0]))
                .withMessageContaining("pipe:")
                .withMessageContaining("expected: anon_inode:[eventfd]")
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));

        assertThat(pipe[0].isOpen()).isFalse();
        pipe[1].close();
    }

    @Test
    void doesNothingAfterClose() {
        EventFd event = EventFd.create();
        event.close();
        event.close();

        assertThat(event.signal()).isFalse();
        assertThat(event.drain()).isZero();
        assertThat(event.await(Duration.ofSeconds(30))).isFalse();
    }

    @Test
    void closeDuringAWaitComesAfterIt() throws InterruptedException, ExecutionException {
        EventFd event = EventFd.create();
        FileDescriptor second = Descriptors.duplicate(event.fd());
        var begun = new CountDownLatch(1);
        try (EventFd other = EventFd.adopt(second);
                var threads = Executors.newSingleThreadExecutor()) {
            var woken =
                    threads.submit(() -> {
                        begun.countDown();
                        return event.await(Duration.ofSeconds(30));
                    });
            begun.await();
            event.close();
            other.signal();
            // Closed before the wait began, or woken by the other descriptor: it ends either way.
            assertThat(woken.get()).isIn(true, false);
        }
        assertThat(event.fd().isOpen()).isFalse();
    }

    @Test
    void lastUserReleases() {
        var uses = new UseCount();

        assertThat(uses.enter()).isTrue();
        assertThat(uses.enter()).isTrue();
        assertThat(uses.exitIsLast()).isFalse();
        assertThat(uses.closeIsLast()).isFalse();
        assertThat(uses.enter()).isFalse();
        assertThat(uses.exitIsLast()).isTrue();
        assertThat(uses.closeIsLast()).isFalse();
    }

    private static final int O_NONBLOCK = 0x800;

    /// An eventfd whose counter has no room left.
    private static FileDescriptor full(int flags) {
        int fd = EventCalls.eventfd(CallState.current(), 0, flags);
        assertThat(fd).isPositive();
        MemorySegment most = NativeMemory.allocate(Long.BYTES);
        most.set(ValueLayout.JAVA_LONG, 0, -2L);
        assertThat(EventCalls.write(CallState.current(), fd, most.address(), Long.BYTES))
                .isEqualTo(8);
        return new FileDescriptor(fd);
    }
}
