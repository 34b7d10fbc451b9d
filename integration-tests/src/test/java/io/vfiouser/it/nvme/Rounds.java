package io.vfiouser.it.nvme;

import java.util.List;
import java.util.concurrent.locks.LockSupport;

/// Drives many workloads at once from one thread.
final class Rounds {
    private Rounds() {}

    /// Steps through all of them until all are done.
    static void run(List<VerifiedWorkload> work) {
        boolean done = false;
        while (!done) {
            done = true;
            boolean moved = false;
            for (VerifiedWorkload one : work) {
                moved |= one.step();
                done &= one.isDone();
            }
            if (!moved) {
                LockSupport.parkNanos(20_000);
            }
        }
    }
}
