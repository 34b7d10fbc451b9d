package io.vfiouser.server.loop;

import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// A task that waits for its time, to run on the loop where the device is then.
public final class DeviceTimer implements Runnable {
    private final DeviceLoop loop;
    private final Runnable task;
    private volatile @Nullable Future<?> waiting;
    private volatile boolean cancelled;

    DeviceTimer(DeviceLoop loop, Runnable task) {
        this.loop = loop;
        this.task = task;
    }

    /// Drops the task unless it has begun: on the device's loop it does not run after this. From
    /// any thread.
    public void cancel() {
        cancelled = true;
        Future<?> timer = waiting;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    /// A timer's business: its time has come, on the loop where it was set.
    @Override
    public void run() {
        if (cancelled) {
            return;
        }
        if (loop.inLoop()) {
            task.run();
        } else {
            loop.execute(this); // the device has moved
        }
    }

    void waitsAs(Future<?> timer) {
        waiting = timer;
        if (cancelled) {
            timer.cancel(false);
        }
    }
}
