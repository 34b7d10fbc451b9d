package io.vfiouser.cli.bench;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// How far a benchmark is: the threads that load the queues look here.
final class Phases {
    static final int WARMUP = 0;
    static final int MEASURING = 1;
    static final int OVER = 2;

    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile int current = WARMUP;

    int current() {
        return current;
    }

    void measure() {
        current = MEASURING;
    }

    /// Ends it; also before its time, from any thread.
    void end() {
        current = OVER;
        stopped.countDown();
    }

    /// Lets time pass; less if somebody ends the benchmark.
    ///
    /// @return whether it goes on
    boolean pass(Duration time) throws InterruptedException {
        return !stopped.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }
}
