package io.vfiouser.server.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.channel.IoEventLoopGroup;
import io.vfiouser.transport.EventLoops;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Tasks and timers of a device that moves.
final class DeviceLoopTest {
    private static final Movable NOTHING =
            new Movable() {
                @Override
                public CompletableFuture<@Nullable Void> leave() {
                    return CompletableFuture.completedFuture(null);
                }

                @Override
                public void join() {}
            };

    private final IoEventLoopGroup group = EventLoops.of(2).named("move").daemon(true).start();
    private final List<EventLoop> loops = List.of(group.next(), group.next());
    private final DeviceLoop loop = new DeviceLoop(loops.getFirst());

    @AfterEach
    void end() {
        group.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private void moveTo(int number) {
        loop.move(loops.get(number), () -> {}, NOTHING).join();
    }

    @Test
    void runsTheTasksOfEachThreadInOrderWhereverItIs() throws Exception {
        int count = 20_000;
        List<List<Integer>> seen = List.of(new ArrayList<>(), new ArrayList<>());
        var threads =
                seen.stream()
                        .map(numbers ->
                                Thread.ofPlatform()
                                        .start(() ->
                                                IntStream.range(0, count)
                                                        .forEach(i ->
                                                                loop.execute(
                                                                        () -> numbers.add(i)))))
                        .toList();
        for (int i = 0; i < 200; i++) {
            moveTo(1 - i % 2);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        var done = new CountDownLatch(1);
        loop.execute(done::countDown);
        done.await();

        List<Integer> expected = IntStream.range(0, count).boxed().toList();
        assertThat(seen).allSatisfy(numbers -> assertThat(numbers).isEqualTo(expected));
    }

    @Test
    void runsNothingWhileItIsOnItsWay() {
        var left = new CompletableFuture<@Nullable Void>();
        var ran = new CompletableFuture<Boolean>();
        var on = new CompletableFuture<@Nullable Void>();
        Movable slow =
                new Movable() {
                    @Override
                    public CompletableFuture<@Nullable Void> leave() {
                        on.complete(null);
                        return left;
                    }

                    @Override
                    public void join() {
                        assertThat(ran).isNotDone();
                    }
                };
        CompletableFuture<@Nullable Void> moved = loop.move(loops.get(1), () -> {}, slow);
        on.join();
        loop.execute(() -> ran.complete(loops.get(1).inEventLoop()));
        assertThat(loop.inLoop()).isFalse();
        loops.getFirst().execute(() -> left.complete(null));

        moved.join();
        assertThat(ran.join()).isTrue();
    }

    @Test
    void aTimerRingsWhereTheDeviceIsThen() throws Exception {
        var rang = new CompletableFuture<Boolean>();
        var set = new CountDownLatch(1);
        loop.execute(() -> {
            var _ =
                    loop.schedule(
                            () -> rang.complete(loops.get(1).inEventLoop()),
                            TimeUnit.MILLISECONDS.toNanos(20));
            set.countDown();
        });
        set.await();
        moveTo(1);

        assertThat(rang.get(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aTimerTakenBackOnTheNewLoopNeverRings() {
        var rang = new CompletableFuture<@Nullable Void>();
        DeviceTimer timer = loop.schedule(() -> rang.complete(null), 1_000_000);
        moveTo(1);
        var later = new CompletableFuture<@Nullable Void>();
        loop.execute(() -> {
            timer.cancel();
            boolean before = rang.isDone();
            var _ =
                    loop.schedule(
                            () -> {
                                assertThat(rang.isDone()).isEqualTo(before);
                                later.complete(null);
                            },
                            20_000_000);
        });

        later.orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Test
    void staysWhereItIsIfItMayNotGo() {
        var refused = new IllegalStateException("not now");
        CompletableFuture<@Nullable Void> moved =
                loop.move(
                        loops.get(1),
                        () -> {
                            throw refused;
                        },
                        NOTHING);

        assertThat(moved.handle((_, error) -> error).join()).isSameAs(refused);
        assertThat(loop.current()).isSameAs(loops.getFirst());
    }

    @Test
    void goesOnHereIfTheOtherLoopHasEnded() {
        IoEventLoopGroup other = EventLoops.of(1).daemon(true).start();
        other.shutdownGracefully(0, 10, TimeUnit.SECONDS).syncUninterruptibly();
        CompletableFuture<@Nullable Void> moved = loop.move(other.next(), () -> {}, NOTHING);

        assertThat(moved.handle((_, error) -> error).join())
                .isInstanceOf(RejectedExecutionException.class);
        var ran = new CompletableFuture<Boolean>();
        loop.execute(() -> ran.complete(loops.getFirst().inEventLoop()));
        assertThat(ran.join()).isTrue();
    }
}
