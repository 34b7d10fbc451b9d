package io.vfiouser.filters;

import io.vfiouser.device.Setting;
import java.util.Objects;

/// The settings of the `log` filter.
///
/// @param at regions whose accesses are logged; for `all` also the config space, for a register all
///   of its region
public record LogSettings(@Setting("regions to log; all has the config space too") Target at) {
    /// All regions.
    public static final LogSettings DEFAULTS = new LogSettings(Target.ALL);

    /// Checks that there is a target.
    public LogSettings {
        Objects.requireNonNull(at, "at");
    }
}
