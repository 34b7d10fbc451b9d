package io.vfiouser.testkit;

import io.vfiouser.device.LoopTask;
import java.util.concurrent.atomic.AtomicBoolean;

/// A device's task, once in the loop's queue for all that asked for it before it began.
final class TesterTask implements LoopTask {
    private final TesterLoop loop;
    private final Runnable work;
    private final AtomicBoolean requested = new AtomicBoolean();

    TesterTask(TesterLoop loop, Runnable work) {
        this.loop = loop;
        this.work = work;
    }

    @Override
    public void request() {
        if (requested.compareAndSet(false, true)) {
            loop.execute(this::run);
        }
    }

    private void run() {
        requested.set(false);
        work.run();
    }
}
