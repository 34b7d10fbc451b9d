package io.vfiouser.filters;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqLine;
import java.util.List;

/// Fires interrupts that the device has not asked for, again and again while a client is there, or
/// on demand. No other filter sees them.
public final class SpuriousIrqFilter extends DeviceFilter {
    private final SpuriousIrqSettings settings;
    private volatile IrqLine line = IrqLine.UNWIRED;

    /// A filter that is enabled.
    public SpuriousIrqFilter(SpuriousIrqSettings settings) {
        super("spurious-irq");
        this.settings = settings;
    }

    /// Fires one now, also while the filter is not enabled. From any thread.
    ///
    /// @return whether a client listens
    public boolean fire() {
        return line.trigger();
    }

    @Override
    protected void prepare(DeviceLayout layout, List<FilteredRegion> regions) {
        settings.irq().check(layout);
    }

    @Override
    protected void attached(DeviceContext context) {
        IrqTarget irq = settings.irq();
        line =
                irq.index()
                        .map(index -> context.irq(index, irq.vector().orElse(0)))
                        .orElseGet(() -> context.interrupt(0));
        wait(context);
    }

    @Override
    protected void detached() {
        line = IrqLine.UNWIRED;
    }

    /// Tasks of a client are dropped when it goes, which ends this.
    private void wait(DeviceContext context) {
        context.schedule(
                settings.every(),
                () -> {
                    if (isEnabled()) {
                        line.trigger();
                    }
                    wait(context);
                });
    }
}
