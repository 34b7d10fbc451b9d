package io.vfiouser.devices.nvme.control;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceContext.Scheduled;
import io.vfiouser.device.LoopTask;
import io.vfiouser.devices.nvme.engine.Engine;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Looks for doorbells that nothing announces: all the time while there is work, in slices that let
/// the loop's other devices go on in between; and from a timer once there was none for a while,
/// less and less often.
final class Poller {
    private static final long SLICE_NANOS = 50_000;
    private static final long PATIENCE_NANOS = 200_000;
    private static final long SHORTEST_SLEEP_NANOS = 50_000;
    private static final long LONGEST_SLEEP_NANOS = 10_000_000;

    private final Engine engine;
    private DeviceContext context = DeviceContext.UNATTACHED;
    private LoopTask task = LoopTask.NONE;
    private long lastWork;
    private long sleep = SHORTEST_SLEEP_NANOS;
    private @Nullable Scheduled timer;

    Poller(Engine engine) {
        this.engine = engine;
    }

    void attach(DeviceContext context) {
        this.context = context;
        task = context.loopTask(this::slice);
        timer = null;
    }

    /// Something has happened: looks all the time again.
    void wake() {
        lastWork = System.nanoTime();
        task.request();
    }

    /// The host has got completions, so it is likely to ring soon.
    void expect() {
        if (timer != null) {
            wake();
        }
    }

    private void slice() {
        Scheduled waiting = timer;
        if (waiting != null) {
            waiting.cancel();
            timer = null;
        }
        if (engine.isStopped()) {
            return;
        }
        long begin = System.nanoTime();
        long now = begin;
        do {
            boolean found = engine.poll(now);
            now = System.nanoTime();
            if (found) {
                lastWork = now; // the work may have taken longer than patience lasts
            } else {
                Thread.onSpinWait();
            }
        } while (now - begin < SLICE_NANOS && now - lastWork < PATIENCE_NANOS);
        if (now - lastWork < PATIENCE_NANOS) {
            sleep = SHORTEST_SLEEP_NANOS;
            task.request();
        } else {
            timer = context.schedule(Duration.ofNanos(sleep), this::slice);
            sleep = Math.min(2 * sleep, LONGEST_SLEEP_NANOS);
        }
    }
}
