package io.vfiouser.examples.spring;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.RegisterBlock;

/// Shows a guest what the application measures: one register, and an interrupt for each new value.
final class Thermometer implements Device {
    private volatile IrqLine changed = IrqLine.UNWIRED;
    private volatile int celsius;

    @Override
    public DeviceLayout layout() {
        var registers = RegisterBlock.builder().readOnly(0x0, 4, "CELSIUS", () -> celsius).build();
        return DeviceLayout.pci(0x1234, 0x7e3f)
                .bar(0, Bar.memory(0x1000, registers))
                .irq(IrqIndex.INTX, 1)
                .build();
    }

    @Override
    public void attach(DeviceContext context) {
        changed = context.irq(IrqIndex.INTX, 0);
    }

    /// A new value. Any thread.
    void show(int celsius) {
        this.celsius = celsius;
        changed.trigger(); // safe anywhere; other calls of the device would go by
        // context.execute(..)
    }

    int celsius() {
        return celsius;
    }
}
