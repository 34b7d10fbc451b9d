package io.vfiouser.filters;

import io.vfiouser.device.Setting;
import java.util.Objects;

/// The settings of the `rate` filter.
///
/// @param perSecond how many accesses a second may reach the device, at least 1
/// @param at which accesses
public record RateSettings(
        @Setting("accesses a second, at least 1") long perSecond,
        @Setting("which accesses") Target at) {
    /// A thousand accesses a second.
    public static final RateSettings DEFAULTS = new RateSettings(1000, Target.ALL);

    /// Checks the rate.
    ///
    /// @throws IllegalArgumentException if it is below 1
    public RateSettings {
        if (perSecond < 1 || perSecond > 1_000_000_000) {
            throw new IllegalArgumentException(
                    "per-second: " + perSecond + " (expected: 1 to 1000000000)");
        }
        Objects.requireNonNull(at, "at");
    }
}
