package io.vfiouser.it.irq;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.RegisterBlock;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/// A device with interrupts of every type, which fire as the client asks, and which says what it
/// heard of their masks. BAR0 has one register of 4 bytes: a write of `type << 16 | vector` fires
/// that interrupt; a read gives how many writes there were.
final class FiringDevice implements Device {
    static final int BAR = 0;
    static final int VECTORS = 4;

    final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private DeviceContext context = DeviceContext.UNATTACHED;
    private int fired;

    @Override
    public DeviceLayout layout() {
        var registers =
                RegisterBlock.builder().readWrite(0, 4, "FIRE", () -> fired, this::fire).build();
        return DeviceLayout.pci(0x1af4, 0x10f9)
                .bar(BAR, Bar.memory(0x1000, registers))
                .bar(1, Bar.memory(0x1000, registers))
                .capability(PciCapability.msi(VECTORS))
                .capability(PciCapability.msix(VECTORS, 1, 0x800, 0xc00))
                .irq(IrqIndex.INTX, 1)
                .build();
    }

    @Override
    public void attach(DeviceContext context) {
        this.context = context;
        for (IrqIndex index : IrqIndex.values()) {
            context.watchMasks(
                    index,
                    (start, count, masked) -> {
                        heard.add(index + " " + start + "+" + count + (masked ? " on" : " off"));
                        if (start == VECTORS - 1) {
                            throw new IllegalStateException("a device that cannot take it");
                        }
                    });
        }
    }

    private void fire(long which) {
        fired++;
        context.irq(IrqIndex.of((int) which >> 16), (int) which & 0xffff).trigger();
    }
}
