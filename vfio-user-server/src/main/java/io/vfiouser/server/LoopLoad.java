package io.vfiouser.server;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.vfiouser.server.observe.LoopStats;
import io.vfiouser.server.watch.LoopWatch;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/// How much one loop has to do. Guarded by [Loops], but for what is counted.
final class LoopLoad {
    private static final long PERIOD_NANOS = 1_000_000_000;

    private final int number;
    private final EventLoop loop;
    private final LoopWatch watch;
    private final boolean polling;
    private final AtomicInteger devices = new AtomicInteger();
    private final AtomicInteger added = new AtomicInteger();
    private long lookedAt = System.nanoTime();
    private long cpuThen;
    private long callsThen;
    private double busy;
    private double callRate;
    private double share;

    LoopLoad(int number, EventLoop loop, LoopWatch watch, boolean polling) {
        this.number = number;
        this.loop = loop;
        this.watch = watch;
        this.polling = polling;
    }

    EventLoop loop() {
        return loop;
    }

    LoopWatch watch() {
        return watch;
    }

    int number() {
        return number;
    }

    int devices() {
        return devices.get();
    }

    /// How many devices have come since it was looked at.
    int added() {
        return added.get();
    }

    /// Of a CPU, 0 to 1.
    double share() {
        return share;
    }

    /// Device code a second.
    double callRate() {
        return callRate;
    }

    void add() {
        devices.incrementAndGet();
        added.incrementAndGet();
    }

    void remove() {
        devices.decrementAndGet();
    }

    /// Looks at the thread, unless that was less than a second ago.
    void refresh(long now) {
        long passed = now - lookedAt;
        if (passed < PERIOD_NANOS) {
            return;
        }
        long cpu = cpuNanos();
        long calls = watch.entries();
        busy = Math.clamp((double) (cpu - cpuThen) / passed, 0.0, 1.0);
        callRate = (calls - callsThen) * 1e9 / passed;
        lookedAt = now;
        cpuThen = cpu;
        callsThen = calls;
        added.set(0);
    }

    /// @param mostCalls of all loops
    void compareTo(double mostCalls) {
        share = !polling ? busy : mostCalls == 0 ? 0 : callRate / mostCalls;
    }

    LoopStats stats() {
        return new LoopStats(
                number,
                threadName(),
                devices(),
                busy,
                Duration.ofNanos(cpuNanos()),
                watch.entries());
    }

    private long cpuNanos() {
        return loop instanceof SingleThreadEventExecutor executor
                ? ManagementFactory.getThreadMXBean()
                        .getThreadCpuTime(executor.threadProperties().id())
                : 0;
    }

    private String threadName() {
        return loop instanceof SingleThreadEventExecutor executor
                ? executor.threadProperties().name()
                : loop.toString();
    }
}
