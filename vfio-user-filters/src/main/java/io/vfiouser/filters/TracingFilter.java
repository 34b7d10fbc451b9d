package io.vfiouser.filters;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.region.RegionHandler;

/// A filter that only watches. Accesses are told of when they are answered.
abstract class TracingFilter extends DeviceFilter {
    TracingFilter(String name) {
        super(name);
    }

    /// Takes an event, on any thread.
    abstract void happened(TraceEvent event);

    /// Whether accesses to a region are told of.
    boolean traces(FilteredRegion region) {
        return true;
    }

    @Override
    protected final RegionHandler around(FilteredRegion region, RegionHandler next) {
        return traces(region) ? new TracedHandler(region, next, this::happened) : next;
    }

    @Override
    protected final boolean interrupt(FilteredIrq irq, IrqSignal signal) {
        happened(new TraceEvent.Interrupt(irq.index(), irq.vector(), signal, irq.isArmed()));
        return true;
    }

    @Override
    protected final void dma(AccessMode mode, long iova, long length) {
        happened(new TraceEvent.Dma(mode, iova, length));
    }

    @Override
    protected final void resetting(ResetReason reason) {
        tell(new TraceEvent.Reset(reason));
    }

    @Override
    protected void attached(DeviceContext context) {
        tell(new TraceEvent.Attached());
    }

    @Override
    protected final void detached() {
        tell(new TraceEvent.Detached());
    }

    private void tell(TraceEvent event) {
        if (isEnabled()) {
            happened(event);
        }
    }
}
