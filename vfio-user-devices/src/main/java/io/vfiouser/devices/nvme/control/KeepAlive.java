package io.vfiouser.devices.nvme.control;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceContext.Scheduled;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Watches that the host says often enough that it lives (NVMe 1.4: "Keep Alive").
final class KeepAlive {
    private static final int GRANULARITY_MILLIS = 1000;

    private final Runnable expired;
    private DeviceContext context = DeviceContext.UNATTACHED;
    private @Nullable Scheduled timer;
    private int millis;

    KeepAlive(Runnable expired) {
        this.expired = expired;
    }

    void attach(DeviceContext context) {
        set(0);
        this.context = context;
    }

    /// Sets the time that may pass, rounded up to whole seconds; 0 for any.
    void set(int timeoutMillis) {
        long seconds = Math.ceilDiv(Integer.toUnsignedLong(timeoutMillis), GRANULARITY_MILLIS);
        millis = (int) Math.min(seconds * GRANULARITY_MILLIS, Integer.MAX_VALUE);
        restart();
    }

    /// The host lives.
    void restart() {
        pause();
        if (millis != 0) {
            timer = context.schedule(Duration.ofMillis(millis), this::expire);
        }
    }

    /// The host is not heard: nothing expires until [#restart()].
    void pause() {
        Scheduled running = timer;
        if (running != null) {
            running.cancel();
            timer = null;
        }
    }

    private void expire() {
        timer = null;
        expired.run();
    }
}
