package io.vfiouser.nvme;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// How a thread passes the time until a completion comes: for a while it spins, then it sleeps a
/// little each time.
final class Patience {
    private static final int SPINS = 2_000;
    private static final long NAP_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

    private final long limitNanos;
    private long deadline;
    private int rounds;

    Patience(Duration limit) {
        this.limitNanos = limit.toNanos();
    }

    /// Begins to wait.
    Patience begin() {
        rounds = 0;
        deadline = System.nanoTime() + limitNanos;
        return this;
    }

    /// Waits a moment.
    ///
    /// @return false if the time is up
    boolean pause() {
        if (rounds < SPINS) {
            rounds++;
            Thread.onSpinWait();
            return true;
        }
        LockSupport.parkNanos(NAP_NANOS);
        return System.nanoTime() - deadline < 0;
    }
}
