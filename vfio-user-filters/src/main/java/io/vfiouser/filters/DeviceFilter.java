package io.vfiouser.filters;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.region.RegionHandler;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/// Stands around a device and changes, delays, refuses or watches what goes in and out.
///
/// A filter overrides what it cares for; everything else passes. It belongs to one device, and its
/// callbacks come as those of [io.vfiouser.device.Device] do: on the device's loop, one at a time,
/// and must not block; [#interrupt] alone may come on any thread. It starts enabled; disabled, it
/// lets everything pass.
public abstract class DeviceFilter {
    private final String name;
    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile boolean enabled = true;

    /// A filter that is enabled.
    ///
    /// @param name lower case letters, digits and dashes
    protected DeviceFilter(String name) {
        this.name = Objects.requireNonNull(name, "name");
    }

    /// What kind of filter it is, as in `--filter NAME`.
    public final String name() {
        return name;
    }

    /// Whether it is at work.
    public final boolean isEnabled() {
        return enabled;
    }

    /// Switches it on or off, from any thread; what is under way goes on as it began.
    public final void enabled(boolean on) {
        enabled = on;
    }

    /// Is told what the device looks like before it is served; the place to look up registers by
    /// name.
    ///
    /// @param layout the device's own
    /// @param regions of the layout, and the config space
    /// @throws IllegalArgumentException if the filter has nothing to do on such a device; the
    ///   message names the setting, its value and what was expected
    protected void prepare(DeviceLayout layout, List<FilteredRegion> regions) {}

    /// Stands before a region's handler.
    ///
    /// @param next the handler, with the filters behind this one
    /// @return `next` itself to leave the region alone, so that its accesses cost nothing more and
    ///   clients can still map it; else what answers while the filter is enabled
    protected RegionHandler around(FilteredRegion region, RegionHandler next) {
        return next;
    }

    /// The device fires an interrupt. On any thread; must be quick.
    ///
    /// @return whether the interrupt goes on; what a device takes back ([IrqSignal#LOWER]) goes on
    ///   in any case
    protected boolean interrupt(FilteredIrq irq, IrqSignal signal) {
        return true;
    }

    /// The device is about to reach for client memory.
    ///
    /// @param iova first address, unsigned
    /// @param length bytes
    /// @throws io.vfiouser.device.outcome.DeviceException for the device to deal with
    protected void dma(AccessMode mode, long iova, long length) {}

    /// A client has come, and the device is told next.
    ///
    /// @param context the server's own, with no filter before it; for this client only
    protected void attached(DeviceContext context) {}

    /// The client has gone, and the device knows.
    protected void detached() {}

    /// The device is about to be reset.
    protected void resetting(ResetReason reason) {}

    /// The device is asked to be quiet: accesses that the filter holds up must end now.
    protected void quiesce() {}

    /// The device is closed.
    protected void closed() {}

    /// Name and whether it is enabled, such as `delay (off)`.
    @Override
    public String toString() {
        return name + (enabled ? "" : " (off)");
    }

    final void take() {
        if (!taken.compareAndSet(false, true)) {
            throw new IllegalStateException(
                    "filter: " + name + ": has a device (expected: one device for each filter)");
        }
    }
}
