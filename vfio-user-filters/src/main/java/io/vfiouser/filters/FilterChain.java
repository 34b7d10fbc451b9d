package io.vfiouser.filters;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.region.RegionHandler;
import java.util.List;
import java.util.function.Consumer;

/// The filters of one device, outermost first.
final class FilterChain {
    private final DeviceFilter[] filters;

    FilterChain(List<DeviceFilter> outermostFirst) {
        this.filters = outermostFirst.toArray(DeviceFilter[]::new);
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
        RegionHandler outer = handler;
        for (int i = filters.length - 1; i >= 0; i--) {
            RegionHandler filtered = filters[i].around(region, outer);
            if (filtered != outer) {
                outer = new SwitchedHandler(filters[i], filtered, outer);
            }
        }
        return outer;
    }

    /// Whether an interrupt comes through; it meets the innermost filter first.
    boolean interrupt(FilteredIrq irq, IrqSignal signal) {
        for (int i = filters.length - 1; i >= 0; i--) {
            DeviceFilter filter = filters[i];
            if (filter.isEnabled() && !filter.interrupt(irq, signal) && signal != IrqSignal.LOWER) {
                return false;
            }
        }
        return true;
    }

    /// Lets the innermost filter refuse first.
    void dma(AccessMode mode, long iova, long length) {
        for (int i = filters.length - 1; i >= 0; i--) {
            if (filters[i].isEnabled()) {
                filters[i].dma(mode, iova, length);
            }
        }
    }
}
