package io.vfiouser.filters;

import io.vfiouser.device.Setting;
import java.time.Duration;

/// The settings of the `surprise-removal` filter.
///
/// @param after how long after a client has come the device goes
public record SurpriseRemovalSettings(
        @Setting("how long after a client has come the device goes") Duration after) {
    /// Gone from the start.
    public static final SurpriseRemovalSettings AT_ONCE =
            new SurpriseRemovalSettings(Duration.ZERO);

    /// Checks the time.
    ///
    /// @throws IllegalArgumentException for a negative one
    public SurpriseRemovalSettings {
        if (after.isNegative()) {
            throw new IllegalArgumentException("after: " + after + " (expected: 0 or more)");
        }
    }
}
