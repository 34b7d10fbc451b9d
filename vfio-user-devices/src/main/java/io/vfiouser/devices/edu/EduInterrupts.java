package io.vfiouser.devices.edu;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;

/// The interrupt controller of [EduDevice]: bits that raise interrupts until they are acknowledged.
///
/// By MSI if the driver has enabled it, a message for each time that bits are raised; else by INTx,
/// a level that is high while any bit is set.
final class EduInterrupts {
    private IrqLine intx = IrqLine.UNWIRED;
    private IrqLine msi = IrqLine.UNWIRED;
    private int status;

    void attach(DeviceContext context) {
        intx = context.irq(IrqIndex.INTX, 0);
        msi = context.irq(IrqIndex.MSI, 0);
    }

    /// The bits that were raised and not acknowledged.
    int status() {
        return status;
    }

    /// Sets bits, and interrupts the driver if any is set then, these or others.
    void raise(int bits) {
        status |= bits;
        if (status == 0) {
            return;
        }
        if (msi.isArmed()) {
            msi.trigger();
        } else {
            intx.raise();
        }
    }

    /// Clears bits.
    void acknowledge(int bits) {
        status &= ~bits;
        if (status == 0) {
            intx.lower();
        }
    }

    /// Takes over bits of another device; [#resume()] brings their interrupt.
    void load(int bits) {
        status = bits;
    }

    /// Brings the level of INTx in line with the bits; messages are not repeated.
    void resume() {
        if (status != 0 && !msi.isArmed()) {
            intx.raise();
        }
    }
}
