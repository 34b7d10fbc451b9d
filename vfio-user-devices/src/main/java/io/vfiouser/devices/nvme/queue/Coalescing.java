package io.vfiouser.devices.nvme.queue;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceContext.Scheduled;
import java.time.Duration;
import java.util.BitSet;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Holds interrupts of I/O queues back until there are enough entries for one, or for some time
/// (NVMe 1.4: "Interrupt Coalescing", "Interrupt Vector Configuration").
final class Coalescing {
    private static final Duration UNIT = Duration.ofNanos(100_000);

    private final IntConsumer fire;
    private final int[] entries;
    private final @Nullable Scheduled[] timers;
    private DeviceContext context = DeviceContext.UNATTACHED;
    private BitSet excluded = new BitSet();
    private Duration longest = Duration.ZERO;
    private int threshold = 1;

    /// Holds nothing back until it is told to.
    ///
    /// @param vectors how many there are
    /// @param fire sends the interrupt of a vector
    Coalescing(int vectors, IntConsumer fire) {
        this.fire = fire;
        this.entries = new int[vectors];
        this.timers = new @Nullable Scheduled[vectors];
    }

    void attach(DeviceContext context) {
        forget();
        this.context = context;
    }

    /// Sets what the host wants; what was held back fires.
    ///
    /// @param value of the feature: entries for an interrupt less one in bits 7:0, units of 100
    ///   microseconds that it may wait in bits 15:8, 0 for none
    /// @param excluded vectors that do not wait
    void set(int value, BitSet excluded) {
        fireAll();
        this.threshold = (value & 0xff) + 1;
        this.longest = UNIT.multipliedBy(value >>> 8 & 0xff);
        this.excluded = (BitSet) excluded.clone();
    }

    /// Whether an interrupt for so many new entries waits.
    boolean holds(int vector, int count) {
        if (longest.isZero() || threshold == 1 || excluded.get(vector)) {
            return false;
        }
        entries[vector] += count;
        if (entries[vector] >= threshold) {
            forget(vector);
            return false;
        }
        if (timers[vector] == null) {
            timers[vector] = context.schedule(longest, () -> expire(vector));
        }
        return true;
    }

    /// Nothing waits for a vector any more: it fires for another reason.
    void forget(int vector) {
        entries[vector] = 0;
        Scheduled timer = timers[vector];
        if (timer != null) {
            timers[vector] = null;
            timer.cancel();
        }
    }

    /// Drops what was held back.
    void forget() {
        for (int vector = 0; vector < entries.length; vector++) {
            forget(vector);
        }
    }

    /// Sends what was held back.
    void fireAll() {
        for (int vector = 0; vector < entries.length; vector++) {
            if (entries[vector] != 0) {
                expire(vector);
            }
        }
    }

    private void expire(int vector) {
        forget(vector);
        fire.accept(vector);
    }
}
