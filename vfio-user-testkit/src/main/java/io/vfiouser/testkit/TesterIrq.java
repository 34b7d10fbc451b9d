package io.vfiouser.testkit;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import java.util.function.Consumer;

/// One interrupt: fires into a list instead of an eventfd.
///
/// A level that fires masks itself until the client unmasks it or the device lowers it, as VFIO's
/// INTx does; edges do not. Any thread may trigger.
final class TesterIrq implements IrqLine {
    private final FiredInterrupt interrupt;
    private final Consumer<FiredInterrupt> fired;
    private boolean armed;
    private boolean masked;
    private boolean autoMasked;
    private boolean high;
    private boolean pending;

    TesterIrq(IrqIndex index, int subindex, Consumer<FiredInterrupt> fired) {
        this.interrupt = new FiredInterrupt(index, subindex);
        this.fired = fired;
    }

    @Override
    public synchronized boolean trigger() {
        if (armed && masked) {
            pending = true;
        } else if (armed) {
            fired.accept(interrupt);
        }
        return armed;
    }

    @Override
    public synchronized boolean raise() {
        if (!high) {
            high = true;
            fireHigh();
        }
        return armed;
    }

    @Override
    public synchronized void lower() {
        high = false;
        autoMasked = false;
        if (isLevel()) {
            pending = false;
        }
    }

    @Override
    public synchronized boolean isArmed() {
        return armed;
    }

    synchronized boolean isHigh() {
        return high;
    }

    synchronized void arm() {
        armed = true;
        if (isLevel() && high) {
            fireHigh();
        }
    }

    synchronized void disarm() {
        armed = false;
        autoMasked = false;
        pending = false;
    }

    synchronized void mask() {
        masked = true;
    }

    synchronized void unmask() {
        masked = false;
        autoMasked = false;
        if (isLevel() && high) {
            pending = false;
            fireHigh();
        } else if (pending) {
            pending = false;
            trigger();
        }
    }

    private void fireHigh() {
        if (!isLevel()) {
            trigger();
        } else if (!autoMasked) {
            autoMasked = armed && !masked;
            trigger();
        }
    }

    private boolean isLevel() {
        return interrupt.index() == IrqIndex.INTX;
    }
}
