package io.vfiouser.server.session;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.os.FdBundle;
import io.vfiouser.server.image.Image;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.irq.IrqTable;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.pci.ConfigSpaceEngine;
import io.vfiouser.server.pci.HandledCapabilities;
import io.vfiouser.server.pci.MsixOverlay;
import io.vfiouser.server.pci.MsixTable;
import io.vfiouser.server.pci.VectorMasks;
import io.vfiouser.server.region.ConfigRegion;
import io.vfiouser.server.region.RegionTable;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// The PCI function that a layout describes: its config space, its MSI-X table, and its regions
/// with both of them in place.
final class FunctionRegions {
    private final ConfigEvents events;
    private final ConfigSpaceEngine config;
    private final VectorMasks intxMasks;
    private final Optional<MsixTable> msix;
    private final RegionTable regions;

    /// @param regionCount how many regions the clients' dialect has
    /// @param irqs calls its argument with the interrupts of the client that is there, if one is
    /// @param functionReset resets the function as the guest has asked
    FunctionRegions(
            DeviceLayout layout,
            int regionCount,
            DeviceLoop loop,
            Consumer<Consumer<IrqTable>> irqs,
            Supplier<Completion> functionReset) {
        regions = new RegionTable(regionCount);
        events = new ConfigEvents(irqs);
        config = new ConfigSpaceEngine(layout, events);
        intxMasks = new IntxMasks(config, loop);
        msix =
                layout.capability(PciCapability.MsiX.class)
                        .map(capability ->
                                new MsixTable(
                                        capability,
                                        config::msixEnabled,
                                        config::msixFunctionMasked,
                                        vector ->
                                                irqs.accept(table ->
                                                        table.unmasked(IrqIndex.MSIX, vector))));
        layout.bars()
                .forEach((index, bar) -> regions.put(index, withMsix(index, bar.region(), loop)));
        layout.rom().ifPresent(rom -> regions.put(RegionTable.ROM, rom));
        layout.vga().ifPresent(vga -> regions.put(RegionTable.VGA, vga));
        var engine =
                new ConfigRegion(
                        config,
                        () -> events.takeResetRequest() ? functionReset.get() : Completion.DONE);
        RegionHandler handled = HandledCapabilities.over(engine, layout.capabilities(), loop);
        RegionHandler handler =
                layout.configHandler().map(takeOver -> takeOver.apply(handled)).orElse(handled);
        regions.put(RegionTable.CONFIG, Region.of(layout.type().configSpaceSize(), handler));
    }

    ConfigSpaceEngine config() {
        return config;
    }

    RegionTable regions() {
        return regions;
    }

    VectorMasks masks(IrqIndex index) {
        return switch (index) {
            case INTX -> intxMasks;
            case MSI -> config.msiMasks();
            case MSIX -> msix.map(VectorMasks.class::cast).orElse(VectorMasks.NONE);
            case ERR, REQ -> VectorMasks.NONE;
        };
    }

    /// Config space and MSI-X table as after power-on, but for what a function-level reset leaves.
    void reset(ResetReason reason) {
        switch (reason) {
            case DEVICE_RESET, CLIENT_GONE -> config.reset();
            case FUNCTION_LEVEL_RESET -> config.resetFunction();
        }
        msix.ifPresent(MsixTable::reset);
    }

    /// Writes what clients have changed in config space and MSI-X table.
    byte[] save() {
        try (var out = new ImageWriter()) {
            config.save(out);
            msix.ifPresent(table -> table.save(out));
            return out.finish().bytes();
        }
    }

    /// Takes over what [#save] gave; tells nobody.
    void restore(byte[] saved) {
        var in = new ImageReader(new Image(saved, FdBundle.empty()));
        config.restore(in);
        msix.ifPresent(table -> table.restore(in));
    }

    private Region withMsix(int bar, Region region, DeviceLoop loop) {
        return msix.map(table ->
                        new Region(
                                region.size(),
                                MsixOverlay.over(bar, region.handler(), table, loop),
                                region.readable(),
                                region.writable(),
                                region.mappable()))
                .orElse(region);
    }
}
