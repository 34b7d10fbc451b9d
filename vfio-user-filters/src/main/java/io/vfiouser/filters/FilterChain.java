package io.vfiouser.filters;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.region.RegionHandler;
import java.util.List;
import java.util.function.Consumer;

/// The filters of one device, outermost first.
final class FilterChain {
    private volatile DeviceFilter[] filters;

    FilterChain(List<DeviceFilter> outermostFirst) {
        this.filters = outermostFirst.toArray(DeviceFilter[]::new);
    }

    /// Puts others in their place, on the device's loop.
    void replace(List<DeviceFilter> outermostFirst) {
        filters = outermostFirst.toArray(DeviceFilter[]::new);
    }

    List<DeviceFilter> filters() {
        return List.of(filters);
    }

    /// Tells each of them, switched on or off, outermost first.
    void each(Consumer<DeviceFilter> what) {
        for (DeviceFilter filter : filters) {
            what.accept(filter);
        }
    }

    /// The handler with all filters that care for the region before it.
    @SuppressWarnings("ReferenceEquality") // a filter says "leave it alone" with the very handler
    RegionHandler around(FilteredRegion region, RegionHandler handler) {
        DeviceFilter[] all = filters;
        RegionHandler outer = handler;
        for (int i = all.length - 1; i >= 0; i--) {
            RegionHandler filtered = all[i].around(region, outer);
            if (filtered != outer) {
                outer = new SwitchedHandler(all[i], filtered, outer);
            }
        }
        return outer;
    }

    /// Whether an interrupt comes through; it meets the innermost filter first.
    boolean interrupt(FilteredIrq irq, IrqSignal signal) {
        DeviceFilter[] all = filters;
        for (int i = all.length - 1; i >= 0; i--) {
            DeviceFilter filter = all[i];
            if (filter.isEnabled() && !filter.interrupt(irq, signal) && signal != IrqSignal.LOWER) {
                return false;
            }
        }
        return true;
    }

    /// Lets the innermost filter refuse first.
    void dma(AccessMode mode, long iova, long length) {
        DeviceFilter[] all = filters;
        for (int i = all.length - 1; i >= 0; i--) {
            if (all[i].isEnabled()) {
                all[i].dma(mode, iova, length);
            }
        }
    }
}
