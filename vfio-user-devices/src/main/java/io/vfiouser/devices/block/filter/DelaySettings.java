package io.vfiouser.devices.block.filter;

import io.vfiouser.device.Setting;
import java.time.Duration;

/// The settings of the `delay` filter.
///
/// @param delayRead how much later a read is completed
/// @param delayWrite how much later a write, a deallocation, or a write of zeros is completed
/// @param delayFlush how much later a flush is completed
public record DelaySettings(
        @Setting("how much later reads are completed") Duration delayRead,
        @Setting("how much later writes and deallocations are completed") Duration delayWrite,
        @Setting("how much later flushes are completed") Duration delayFlush) {
    /// Checks the times.
    ///
    /// @throws IllegalArgumentException for a negative one
    public DelaySettings {
        requireNotNegative("delay-read", delayRead);
        requireNotNegative("delay-write", delayWrite);
        requireNotNegative("delay-flush", delayFlush);
    }

    /// The same delay for everything.
    public static DelaySettings of(Duration delay) {
        return new DelaySettings(delay, delay, delay);
    }

    private static void requireNotNegative(String name, Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException(name + ": " + delay + " (expected: 0 or more)");
        }
    }
}
