package io.vfiouser.server.watch;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// A thread that looks now and then at what the event loops run, and says when one call takes
/// longer than a limit: again each time that it has taken twice as long.
public final class Watchdog implements AutoCloseable {
    private static final int LOOKS_PER_LIMIT = 4;
    private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);

    private final long limitNanos;
    private final Map<EventLoop, Loop> loops = new ConcurrentHashMap<>();
    private final @Nullable Thread thread;
    private volatile boolean closed;

    private Watchdog(long limitNanos) {
        this.limitNanos = limitNanos;
        this.thread =
                limitNanos == Long.MAX_VALUE
                        ? null
                        : Thread.ofPlatform()
                                .name("vfio-user-watchdog")
                                .daemon()
                                .unstarted(this::look);
    }

    /// A watchdog at work.
    ///
    /// @param limit how long a call may hold a loop; at 292 years there is no watchdog
    public static Watchdog start(Duration limit) {
        var watchdog = new Watchdog(limit.toNanos());
        if (watchdog.thread != null) {
            watchdog.thread.start();
        }
        return watchdog;
    }

    /// Where a loop tells what it runs.
    public LoopWatch watch(EventLoop loop) {
        return loops.computeIfAbsent(loop, _ -> new Loop()).watch;
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    private void look() {
        long pause = Math.max(limitNanos / LOOKS_PER_LIMIT, SHORTEST_PAUSE);
        while (!closed) {
            LockSupport.parkNanos(this, pause);
            loops.values().forEach(loop -> loop.look(System.nanoTime(), limitNanos));
        }
    }

    /// One loop, as it was at the last look.
    private static final class Loop {
        private final LoopWatch watch = new LoopWatch();
        private long entries = -1;
        private long sinceNanos;
        private long nextNanos;

        void look(long now, long limit) {
            long seen = watch.entries();
            Watched current = watch.current();
            if (current == null || seen != entries) {
                entries = current == null ? -1 : seen;
                sinceNanos = now;
                nextNanos = limit;
                return;
            }
            long held = now - sinceNanos;
            Thread thread = watch.thread();
            if (held >= nextNanos && thread != null) {
                nextNanos = held * 2;
                current.holdsLoop(Duration.ofNanos(held), thread);
            }
        }
    }
}
