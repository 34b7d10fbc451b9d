package io.vfiouser.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoopGroup;
import io.vfiouser.os.EventFd;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
class EventLoopsTest {
    @Test
    void namesItsThreads() throws Exception {
        IoEventLoopGroup group = EventLoops.of(2).named("dev").daemon(true).start();
        try {
            Thread thread = group.next().submit(Thread::currentThread).get();
            assertThat(thread.getName()).startsWith("dev-");
            assertThat(thread.isDaemon()).isTrue();
        } finally {
            shutDown(group);
        }
    }

    @Test
    void defaultsToThreadsThatKeepTheJvmUp() {
        assertThat(EventLoops.of(1))
                .isEqualTo(new EventLoops(1, "vfio-user", false, BusyPoll.NEVER, List.of()));
    }

    @Test
    void busyLoopServesTasksTimersAndDescriptors() throws Exception {
        servesTasksTimersAndDescriptors(EventLoops.of(1).daemon(true).busyPoll(BusyPoll.ALWAYS));
    }

    @Test
    void sleepingLoopServesTasksTimersAndDescriptors() throws Exception {
        servesTasksTimersAndDescriptors(EventLoops.of(1).daemon(true));
    }

    @Test
    void brieflyPollingLoopServesTasksTimersAndDescriptors() throws Exception {
        servesTasksTimersAndDescriptors(
                EventLoops.of(1).daemon(true).busyPoll(BusyPoll.lasting(Duration.ofMillis(2))));
    }

    @Test
    void loopThatPollsForAWhileSleepsAfterThat() throws Exception {
        EventLoops polling = EventLoops.of(1).busyPoll(BusyPoll.lasting(Duration.ofMillis(1)));
        IoEventLoopGroup group = polling.daemon(true).start();
        try {
            var loop = group.next();
            Path thread = loop.submit(() -> Path.of("/proc/thread-self").toRealPath()).get();
            EventFd event = EventFd.create();
            var rung = new CountDownLatch(1);
            try (FdWatch watch = FdWatch.start(loop, event, _ -> rung.countDown())) {
                event.signal();
                assertThat(rung.await(30, TimeUnit.SECONDS)).isTrue();
                awaitSleep(thread);
                long before = cpuNanos(thread);
                assertThat(new CountDownLatch(1).await(100, TimeUnit.MILLISECONDS)).isFalse();

                assertThat(cpuNanos(thread) - before)
                        .as("CPU time of 100 ms")
                        .isLessThan(1_000_000);
                assertThat(watch).isNotNull();
            }
        } finally {
            shutDown(group);
        }
    }

    private static void awaitSleep(Path thread) throws Exception {
        while (!Files.readString(thread.resolve("status")).contains("State:\tS")) {
            Thread.onSpinWait();
        }
    }

    private static long cpuNanos(Path thread) throws Exception {
        return Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ", 2)[0]);
    }

    @Test
    void sleepingLoopIsWokenForATimerThatIsSetWhileItSleeps() throws Exception {
        IoEventLoopGroup group = EventLoops.of(1).daemon(true).start();
        try {
            var loop = group.next();
            var ran = new CountDownLatch(2);
            loop.submit(() -> setTimer(loop, 2, ran)).get();
            setTimer(loop, 4, ran);
            assertThat(ran.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            shutDown(group);
        }
    }

    @Test
    void refusesANegativeTime() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BusyPoll.lasting(Duration.ofNanos(-1)))
                .withMessage("time: PT-0.000000001S (expected: zero or more)");
    }

    private static void setTimer(EventLoop loop, long millis, CountDownLatch ran) {
        var _ = loop.schedule(ran::countDown, millis, TimeUnit.MILLISECONDS);
    }

    private static void servesTasksTimersAndDescriptors(EventLoops loops) throws Exception {
        IoEventLoopGroup group = loops.start();
        try {
            assertThat(group.next().submit(() -> 7).get()).isEqualTo(7);
            assertThat(group.next().schedule(() -> 8, 5, TimeUnit.MILLISECONDS).get()).isEqualTo(8);
            var rung = new CountDownLatch(1);
            EventFd event = EventFd.create();
            try (FdWatch watch = FdWatch.start(group.next(), event, count -> rung.countDown())) {
                event.signal();
                assertThat(rung.await(30, TimeUnit.SECONDS)).isTrue();
                assertThat(watch).isNotNull();
            }
        } finally {
            shutDown(group);
        }
    }

    @Test
    void keepsLoopsOnTheirCpus() throws Exception {
        EventLoopGroup loops = EventLoops.of(1).daemon(true).cpus(List.of(0)).start();
        try {
            String status =
                    loops.next()
                            .submit(() -> Files.readString(Path.of("/proc/thread-self/status")))
                            .get();

            assertThat(status).containsPattern("(?m)^Cpus_allowed_list:\\s+0$");
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void refusesACpuThatIsNotThere() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EventLoops.of(1).daemon(true).cpus(List.of(8191)).start())
                .withMessageStartingWith("cpus: 8191: Invalid argument (expected: CPUs that this")
                .withMessageContaining("process may use, 0");
    }

    @Test
    void needsALoop() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EventLoops.of(0))
                .withMessage("count: 0 (expected: at least 1)");
    }

    private static void shutDown(IoEventLoopGroup group) {
        group.shutdownGracefully(1, 10_000, TimeUnit.MILLISECONDS).syncUninterruptibly();
    }
}
