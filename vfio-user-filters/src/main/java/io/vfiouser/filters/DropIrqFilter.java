package io.vfiouser.filters;

import io.vfiouser.device.DeviceLayout;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/// Loses interrupts: the device fires them, and nobody hears. A driver that survives this polls.
public final class DropIrqFilter extends DeviceFilter {
    private final DropIrqSettings settings;
    private final Random random;
    private final AtomicLong dropped = new AtomicLong();

    /// Loses all interrupts.
    public DropIrqFilter() {
        this(DropIrqSettings.DEFAULTS);
    }

    /// A filter that is enabled.
    public DropIrqFilter(DropIrqSettings settings) {
        super("drop-irq");
        this.settings = settings;
        this.random = new Random(settings.seed());
    }

    /// How many were lost so far. From any thread.
    public long dropped() {
        return dropped.get();
    }

    @Override
    protected void prepare(DeviceLayout layout, List<FilteredRegion> regions) {
        settings.irq().check(layout);
    }

    @Override
    protected boolean interrupt(FilteredIrq irq, IrqSignal signal) {
        boolean lost =
                signal != IrqSignal.LOWER
                        && settings.irq().covers(irq)
                        && (settings.rate() == 1 || random.nextDouble() < settings.rate());
        if (lost) {
            dropped.incrementAndGet();
        }
        return !lost;
    }
}
