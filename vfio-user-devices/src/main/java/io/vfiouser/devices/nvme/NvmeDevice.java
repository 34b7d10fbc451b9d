package io.vfiouser.devices.nvme;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.MappableArea;
import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.devices.block.BlockBackend;
import io.vfiouser.devices.nvme.admin.Identity;
import io.vfiouser.devices.nvme.control.Controller;
import io.vfiouser.devices.nvme.namespace.Namespaces;
import io.vfiouser.os.SharedMemory;
import java.util.List;
import java.util.Optional;

/// An NVMe 1.4 controller with the NVM command set, whose namespaces are shares of one
/// [BlockBackend].
///
/// | BAR | size   | what                                              |
/// |-----|--------|---------------------------------------------------|
/// | 0   | 16 KiB | registers, and from 0x1000 on doorbells, 4 apart  |
/// | 4   | 4 KiB  | MSI-X table, and from 0x800 on its pending bits   |
///
/// It interrupts by MSI-X (a vector for each queue pair, one of them the admin queue's), MSI or the
/// pin. See `docs/devices/nvme.md` for what it supports of the specification.
public final class NvmeDevice implements Device {
    private static final int PCI_DEVICE = 0x10f1;
    private static final int REGISTERS_SIZE = 0x4000;
    private static final List<MappableArea> DOORBELL_PAGE =
            List.of(new MappableArea(0x1000, 0x1000));
    private static final int MSIX_BAR = 4;
    private static final int MSIX_SIZE = 0x1000;
    private static final int MSIX_PENDING = 0x800;
    private static final int MSI_VECTORS = 32;

    private final BlockBackend backend;
    private final Identity identity;
    private final Namespaces namespaces;
    private final Optional<SharedMemory> doorbells;
    private final Controller controller;
    private volatile DeviceContext context = DeviceContext.UNATTACHED;

    NvmeDevice(
            BlockBackend backend,
            Identity identity,
            Namespaces namespaces,
            NvmeDoorbells doorbells,
            long bufferMemory) {
        this.backend = backend;
        this.identity = identity;
        this.namespaces = namespaces;
        this.doorbells =
                doorbells == NvmeDoorbells.MAPPED
                        ? Optional.of(SharedMemory.create("nvme-bar0", REGISTERS_SIZE))
                        : Optional.empty();
        this.controller = new Controller(identity, namespaces, this.doorbells, bufferMemory);
        backend.onResize(_ -> context.execute(this::resized));
    }

    /// A device to be described, which has one namespace unless told otherwise.
    ///
    /// @param backend the device's from [NvmeBuilder#build()] on, which closes it
    public static NvmeBuilder builder(BlockBackend backend) {
        return new NvmeBuilder(backend);
    }

    @Override
    public DeviceLayout layout() {
        return DeviceLayout.pci(Identity.VENDOR, PCI_DEVICE)
                .subsystem(Identity.VENDOR, PCI_DEVICE)
                .pciClass(0x01, 0x08, 0x02)
                .express()
                .bar(0, registers())
                .bar(MSIX_BAR, Bar.memory(MSIX_SIZE, MemoryRegion.scratch(MSIX_SIZE)))
                .capability(PciCapability.powerManagement())
                .capability(PciCapability.msi(MSI_VECTORS))
                .capability(PciCapability.express())
                .capability(PciCapability.msix(identity.ioQueues() + 1, MSIX_BAR, 0, MSIX_PENDING))
                .irq(IrqIndex.INTX, 1)
                .build();
    }

    @Override
    public Optional<Migratable> migratable() {
        return Optional.of(controller.migratable());
    }

    @Override
    public Optional<Handover> handover() {
        return Optional.of(controller.handover(backend));
    }

    @Override
    public void attach(DeviceContext context) {
        this.context = context;
        controller.attach(context);
    }

    @Override
    public void detach() {
        attach(DeviceContext.UNATTACHED);
    }

    @Override
    public Completion reset(ResetReason reason) {
        controller.reset(reason == ResetReason.CLIENT_GONE);
        return Completion.DONE;
    }

    @Override
    public Completion quiesce() {
        return controller.quiesce();
    }

    @Override
    public void resume() {
        controller.resume();
    }

    @Override
    public void memoryMapped(DmaRange range) {
        controller.memoryMapped(range);
    }

    @Override
    public void memoryUnmapped(DmaRange range) {
        controller.memoryUnmapped(range);
    }

    @Override
    public void close() {
        backend.close();
        doorbells.ifPresent(SharedMemory::close);
    }

    private Bar registers() {
        Bar bar = Bar.memory64(REGISTERS_SIZE, controller.bar());
        return doorbells
                .map(memory -> bar.mappable(new MappableMemory(memory, 0, DOORBELL_PAGE)))
                .orElse(bar);
    }

    private void resized() {
        if (namespaces.count() == 1) { // one of several keeps its size
            controller.resized(namespaces.at(0).id());
        }
    }
}
