package io.vfiouser.it.guest;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.ExtendedCapability;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.RegisterBlock;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// A PCI Express device with one of each kind of capability. BAR0, 64-bit, has a register that
/// interrupts; BAR2 has the MSI-X table.
final class CapableDevice implements Device {
    private static final int VECTORS = 4;
    private static final int TABLE = 0x0;
    private static final int PENDING = 0x800;
    private static final long SERIAL = 0x0011_22ff_fe33_4455L;

    private static final int TRIGGER = 0x0;
    private static final int SCRATCH = 0x4;
    private static final int RESETS = 0x8;

    private final Queue<ResetReason> resets = new ConcurrentLinkedQueue<>();
    private DeviceContext context = DeviceContext.UNATTACHED;
    private int scratch;

    @Override
    public DeviceLayout layout() {
        var registers =
                RegisterBlock.builder()
                        .writeOnly(TRIGGER, 4, "TRIGGER", this::trigger)
                        .readWrite(SCRATCH, 4, "SCRATCH", () -> scratch, v -> scratch = (int) v)
                        .readOnly(RESETS, 4, "RESETS", this::functionLevelResets)
                        .build();
        return DeviceLayout.pci(0x1234, 0x5678)
                .express()
                .subsystem(0x1af4, 0x1100)
                .pciClass(0xff, 0, 0)
                .revision(0x42)
                .bar(0, Bar.memory64(0x4000, registers).asPrefetchable())
                .bar(2, Bar.memory(0x1000, MemoryRegion.scratch(0x1000)))
                .capability(PciCapability.powerManagement())
                .capability(PciCapability.msix(VECTORS, 2, TABLE, PENDING))
                .capability(0x80, PciCapability.express())
                .capability(0xc0, new PciCapability.Vendor(new byte[] {1, 2, 3, 4, 5}, false))
                .capability(PciCapability.advancedErrorReporting())
                .capability(PciCapability.serialNumber(SERIAL))
                .capability(
                        0x200,
                        new ExtendedCapability.VendorSpecific(
                                0xcafe, 3, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, false))
                .build();
    }

    @Override
    public void attach(DeviceContext attached) {
        context = attached;
    }

    @Override
    public Completion reset(ResetReason reason) {
        resets.add(reason);
        scratch = 0;
        return Completion.DONE;
    }

    /// Why it was reset, in order; any thread.
    List<ResetReason> resets() {
        return List.copyOf(resets);
    }

    private void trigger(long vector) {
        if (vector >= 0 && vector < VECTORS) {
            context.irq(IrqIndex.MSIX, (int) vector).trigger();
        }
    }

    private long functionLevelResets() {
        return resets.stream().filter(ResetReason.FUNCTION_LEVEL_RESET::equals).count();
    }
}
