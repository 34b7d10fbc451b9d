package io.vfiouser.trace.replay;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.DeviceLayoutBuilder;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/// The layout of a recorded device: what it said of its regions and interrupts, and its config
/// space, whose live parts (command, BARs, MSI, MSI-X, power management) are the framework's.
final class RecordedLayout {
    private static final int ROM = 6;
    private static final int VGA = 8;
    private static final int BARS = 6;
    private static final int COMMAND = 0x04;
    private static final int STATUS = 0x06;
    private static final int BAR_REGISTERS = 0x10;
    private static final int CAPABILITIES = 0x34;
    private static final int INTERRUPT_PIN = 0x3d;
    private static final int POWER_MANAGEMENT = 0x01;
    private static final int MSI = 0x05;
    private static final int MSIX = 0x11;
    private static final int CAPABILITY_HEADER = 2;

    private final RecordedSession session;
    private final RecordedConfig config;
    private final IntFunction<RegionHandler> handlers;
    private final boolean express;
    private final BitSet kept = new BitSet(RecordedConfig.MAX_SIZE);
    private Optional<PciCapability.MsiX> msix = Optional.empty();

    /// @param handlers answer the accesses of a region, by its index
    RecordedLayout(RecordedSession session, IntFunction<RegionHandler> handlers) {
        this.session = session;
        this.config = RecordedConfig.of(session);
        this.handlers = handlers;
        DeviceGetRegionInfo.Reply info = session.regions().get(RecordedConfig.REGION);
        this.express = info != null && info.size() > 256;
    }

    /// The layout.
    DeviceLayout build() {
        DeviceLayoutBuilder builder =
                DeviceLayout.pci(config.u16(0), config.u16(2))
                        .subsystem(config.u16(0x2c), config.u16(0x2e))
                        .pciClass(config.u8(0x0b), config.u8(0x0a), config.u8(0x09))
                        .revision(config.u8(0x08));
        if (express) {
            builder.express();
        }
        keepHeader();
        addBars(builder);
        region(ROM).ifPresent(rom -> builder.rom(Region.of(roomFor(rom.size(), 2048), at(ROM))));
        region(VGA).ifPresent(vga -> builder.vga(Region.of(vga.size(), at(VGA))));
        addCapabilities(builder);
        builder.configHandler(framework -> config.over(framework, kept));
        return withInterrupts(builder.build());
    }

    /// The table of MSI-X and its pending bits, if the framework keeps them: the device's handlers
    /// do not see accesses there.
    Optional<PciCapability.MsiX> msix() {
        return msix;
    }

    private void keepHeader() {
        kept.set(COMMAND, STATUS + 2); // the status has bits that follow from the command
        kept.set(0x0c, 0x0e); // cache line size, latency timer
        kept.set(BAR_REGISTERS, 0x2c); // and the CardBus pointer
        kept.set(0x30, 0x34); // ROM
        kept.set(0x3c); // interrupt line
    }

    private void addBars(DeviceLayoutBuilder builder) {
        for (int bar = 0; bar < BARS; bar++) {
            Optional<DeviceGetRegionInfo.Reply> info = region(bar);
            long size = info.map(DeviceGetRegionInfo.Reply::size).orElse(touched(bar));
            if (size == 0) {
                continue;
            }
            int register = config.u8(BAR_REGISTERS + 4 * bar);
            boolean io = (register & 1) != 0;
            Bar.Kind kind =
                    io
                            ? Bar.Kind.IO
                            : (register & 6) == 4 && bar < BARS - 1
                                    ? Bar.Kind.MEMORY_64
                                    : Bar.Kind.MEMORY_32;
            var region =
                    new Region(
                            roomFor(size, io ? 4 : 16),
                            at(bar),
                            info.map(known -> known.flags().readable()).orElse(true),
                            info.map(known -> known.flags().writable()).orElse(true),
                            Optional.empty());
            builder.bar(bar, new Bar(kind, !io && (register & 8) != 0, region));
            bar += kind == Bar.Kind.MEMORY_64 ? 1 : 0;
        }
    }

    /// How far the driver reached into a BAR of which nothing is known.
    private long touched(int region) {
        return session.steps().stream()
                .filter(RecordedStep.Access.class::isInstance)
                .map(step -> ((RecordedStep.Access) step).place())
                .filter(place -> place.region() == region && place.offset() >= 0)
                .mapToLong(place -> place.offset() + place.count())
                .max()
                .orElse(0);
    }

    /// The kinds that the framework has to know; all others are what was read of them.
    private void addCapabilities(DeviceLayoutBuilder builder) {
        Set<Integer> seen = new HashSet<>();
        int at = config.u8(CAPABILITIES) & ~3;
        while (at >= 0x40 && config.isKnown(at) && seen.add(at)) {
            Optional<PciCapability> live = liveCapability(config.u8(at), at);
            if (live.isPresent()) {
                builder.capability(at, live.get());
                kept.set(at + CAPABILITY_HEADER, at + live.get().size());
            }
            at = config.u8(at + 1) & ~3;
        }
    }

    private Optional<PciCapability> liveCapability(int id, int at) {
        if (at + 16 > 0x100) {
            return Optional.empty();
        }
        int control = config.u16(at + 2);
        return switch (id) {
            case POWER_MANAGEMENT ->
                    Optional.of(
                            new PciCapability.PowerManagement((config.u16(at + 4) & 1 << 3) != 0));
            case MSI ->
                    Optional.<PciCapability>of(
                                    new PciCapability.Msi(
                                            1 << Math.min(5, control >> 1 & 7),
                                            (control & 1 << 7) != 0,
                                            (control & 1 << 8) != 0))
                            .filter(msi -> at + msi.size() <= 0x100);
            case MSIX -> {
                msix = msix(control, config.u32(at + 4), config.u32(at + 8));
                yield msix.map(PciCapability.class::cast);
            }
            default -> Optional.empty();
        };
    }

    private Optional<PciCapability.MsiX> msix(int control, long table, long pending) {
        try {
            var found =
                    new PciCapability.MsiX(
                            (control & 0x7ff) + 1,
                            (int) table & 7,
                            table & ~7L,
                            (int) pending & 7,
                            pending & ~7L);
            return fits(found.tableBar(), found.tableOffset() + found.tableSize())
                            && fits(found.pendingBar(), found.pendingOffset() + found.pendingSize())
                    ? Optional.of(found)
                    : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty(); // then it is only shown
        }
    }

    private boolean fits(int bar, long end) {
        return bar < BARS
                && (config.u8(BAR_REGISTERS + 4 * bar) & 1) == 0
                && region(bar).filter(info -> end <= roomFor(info.size(), 16)).isPresent();
    }

    private DeviceLayout withInterrupts(DeviceLayout layout) {
        Map<IrqIndex, Integer> counts = new EnumMap<>(IrqIndex.class);
        counts.putAll(layout.irqCounts());
        if (config.u8(INTERRUPT_PIN) != 0) {
            counts.put(IrqIndex.INTX, 1);
        }
        session.irqCounts()
                .forEach((index, count) -> {
                    if (count > 0) {
                        counts.merge(index, Math.min(count, most(index)), Math::max);
                    }
                });
        for (RecordedStep step : session.steps()) {
            if (step instanceof RecordedStep.Interrupt irq && irq.vector() < most(irq.index())) {
                counts.merge(irq.index(), irq.vector() + 1, Math::max);
            }
        }
        return new DeviceLayout(
                layout.type(),
                layout.id(),
                layout.pciClass(),
                layout.revision(),
                layout.bars(),
                layout.rom(),
                layout.vga(),
                layout.legacyMigration(),
                layout.capabilities(),
                layout.configHandler(),
                counts);
    }

    private static int most(IrqIndex index) {
        return switch (index) {
            case MSI -> 32;
            case MSIX -> 2048;
            case INTX, ERR, REQ -> 1;
        };
    }

    private Optional<DeviceGetRegionInfo.Reply> region(int index) {
        return Optional.ofNullable(session.regions().get(index)).filter(info -> info.size() > 0);
    }

    private RegionHandler at(int region) {
        return handlers.apply(region);
    }

    /// The next power of two.
    private static long roomFor(long size, long least) {
        long most = Math.min(Math.max(size, least), 1L << 62);
        return Long.highestOneBit(most) == most ? most : Long.highestOneBit(most) << 1;
    }
}
