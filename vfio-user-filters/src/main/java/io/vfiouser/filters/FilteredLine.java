package io.vfiouser.filters;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import java.util.function.Supplier;

/// An interrupt behind filters.
final class FilteredLine implements IrqLine, FilteredIrq {
    private final FilterChain filters;
    private final IrqLine line;
    private final Supplier<IrqIndex> index;
    private final int vector;

    FilteredLine(FilterChain filters, IrqLine line, Supplier<IrqIndex> index, int vector) {
        this.filters = filters;
        this.line = line;
        this.index = index;
        this.vector = vector;
    }

    @Override
    public IrqIndex index() {
        return index.get();
    }

    @Override
    public int vector() {
        return vector;
    }

    @Override
    public boolean trigger() {
        return filters.interrupt(this, IrqSignal.TRIGGER) ? line.trigger() : line.isArmed();
    }

    @Override
    public boolean raise() {
        return filters.interrupt(this, IrqSignal.RAISE) ? line.raise() : line.isArmed();
    }

    @Override
    public void lower() {
        filters.interrupt(this, IrqSignal.LOWER);
        line.lower();
    }

    @Override
    public boolean isArmed() {
        return line.isArmed();
    }
}
