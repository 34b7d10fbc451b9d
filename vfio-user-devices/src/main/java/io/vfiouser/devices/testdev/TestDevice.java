package io.vfiouser.devices.testdev;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import java.util.Arrays;
import java.util.Optional;

/// The conformance and benchmark device: scratch memory, trapped and mappable, and a bell page that
/// triggers interrupts and does DMA.
///
/// | BAR | size  | what                                                   |
/// |-----|-------|--------------------------------------------------------|
/// | 0   | 4 KiB | scratch memory, trapped                                |
/// | 1   | 1 MiB | scratch memory, mappable as a whole and trapped        |
/// | 2   | 4 KiB | the bell page, trapped                                 |
///
/// Bell page; what it does not name is scratch memory:
///
/// | offset | bytes | access | meaning                                                        |
/// |--------|-------|--------|----------------------------------------------------------------|
/// | 0x000  | 4     | write  | trigger this vector before the reply: `ENOENT`, `EINVAL`       |
/// | 0x008  | 32    | write  | run a [DmaCommand], then reply: see [DmaEngine] for the errors |
/// | 0x030  | 8     | read   | nanoseconds that the last DMA command took                     |
/// | 0x800  | 128   |        | MSI-X table                                                    |
/// | 0xc00  | 8     |        | MSI-X pending bits                                             |
///
/// Scratch memory takes up room once it is written, until a reset, which makes it zero; the process
/// maps BAR1 on its first trapped access.
public final class TestDevice implements Device {
    private static final int PAGE_SIZE = 0x1000;
    private static final int SHARED_SIZE = 0x10_0000;
    private static final int VECTORS = 8;

    private final MemoryRegion trapped = MemoryRegion.scratch(PAGE_SIZE);
    private final SharedMemory mappable = SharedMemory.create("testdev-bar1", SHARED_SIZE);
    private final MemoryRegion bellScratch = MemoryRegion.scratch(PAGE_SIZE);
    private final DmaEngine dma = new DmaEngine();
    private final IrqLine[] vectors = new IrqLine[VECTORS];

    /// A device with memory of its own for BAR1.
    ///
    /// @throws io.vfiouser.os.NativeCallException if that memory cannot be had, for example
    ///   `EMFILE`
    public TestDevice() {
        Arrays.fill(vectors, IrqLine.UNWIRED);
    }

    @Override
    public DeviceLayout layout() {
        var bell =
                RegisterBlock.builder()
                        .writeOnly(0x00, 4, "BELL", this::ring)
                        .block(0x08, DmaCommand.SIZE, "DMA", dma)
                        .readOnly(0x30, 8, "DMA_NANOS", dma::lastNanos)
                        .elsewhere(bellScratch)
                        .build();
        return DeviceLayout.pci(0x1af4, 0x10f0)
                .subsystem(0x1af4, 0x10f0)
                .pciClass(0xff, 0x00, 0x00)
                .express()
                .bar(0, Bar.memory(PAGE_SIZE, trapped))
                .bar(
                        1,
                        Bar.memory(SHARED_SIZE, MemoryRegion.shared(mappable))
                                .mappable(MappableMemory.whole(mappable)))
                .bar(2, Bar.memory(PAGE_SIZE, bell))
                .capability(PciCapability.powerManagement())
                .capability(PciCapability.express())
                .capability(PciCapability.msix(VECTORS, 2, 0x800, 0xc00))
                .irq(IrqIndex.INTX, 1)
                .build();
    }

    @Override
    public Optional<Handover> handover() {
        return Optional.of(new TestDeviceHandover(trapped, bellScratch));
    }

    @Override
    public void attach(DeviceContext context) {
        Arrays.setAll(vectors, context::interrupt);
        dma.attach(context);
    }

    @Override
    public void detach() {
        attach(DeviceContext.UNATTACHED);
    }

    @Override
    public Completion reset(ResetReason reason) {
        trapped.clear();
        mappable.clear();
        bellScratch.clear();
        dma.reset();
        return Completion.DONE;
    }

    @Override
    public Completion quiesce() {
        return dma.finish();
    }

    @Override
    public void close() {
        mappable.close();
    }

    private void ring(long vector) {
        if (vector >= VECTORS) {
            throw new DeviceException(
                    Errno.EINVAL, "vector: " + vector + " (expected: below " + VECTORS + ")");
        }
        if (!vectors[(int) vector].trigger()) {
            throw new DeviceException(
                    Errno.ENOENT, "vector: " + vector + " (expected: one that the client armed)");
        }
    }
}
