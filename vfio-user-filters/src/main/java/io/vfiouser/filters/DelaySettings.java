package io.vfiouser.filters;

import io.vfiouser.device.Setting;
import java.time.Duration;
import java.util.Objects;

/// The settings of the `delay` filter.
///
/// @param read how much later reads reach the device
/// @param write how much later writes reach the device
/// @param at which accesses
public record DelaySettings(
        @Setting("how much later reads reach the device") Duration read,
        @Setting("how much later writes reach the device") Duration write,
        @Setting("which accesses") Target at) {
    /// Checks the times.
    ///
    /// @throws IllegalArgumentException for a negative one
    public DelaySettings {
        requireNotNegative("read", read);
        requireNotNegative("write", write);
        Objects.requireNonNull(at, "at");
    }

    /// The same delay for reads and writes, anywhere but in config space.
    public static DelaySettings of(Duration delay) {
        return new DelaySettings(delay, delay, Target.ALL);
    }

    /// The same delays, only there.
    public DelaySettings at(String target) {
        return new DelaySettings(read, write, Target.parse(target));
    }

    private static void requireNotNegative(String name, Duration delay) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException(name + ": " + delay + " (expected: 0 or more)");
        }
    }
}
