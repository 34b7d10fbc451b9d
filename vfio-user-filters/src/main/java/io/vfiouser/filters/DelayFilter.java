package io.vfiouser.filters;

import java.time.Duration;

/// Lets accesses reach the device late, as over a slow bus. The loop does not wait: other devices
/// go on, only this client's later commands come after.
///
/// A client that goes, or a reset, ends the waiting.
public final class DelayFilter extends WaitingFilter {
    private final DelaySettings settings;

    /// A filter that is enabled.
    public DelayFilter(DelaySettings settings) {
        super("delay", settings.at());
        this.settings = settings;
    }

    @Override
    Duration readWait() {
        return settings.read();
    }

    @Override
    Duration writeWait() {
        return settings.write();
    }
}
