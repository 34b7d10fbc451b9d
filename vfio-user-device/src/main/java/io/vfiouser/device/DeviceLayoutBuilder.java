package io.vfiouser.device;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.pci.PciClass;
import io.vfiouser.device.pci.PciId;
import io.vfiouser.device.pci.PciType;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// Collects a [DeviceLayout]. What is missing has the usual default: class "unassigned", revision
/// 0, one ERR and one REQ interrupt, MSI and MSI-X interrupts as the capabilities say.
public final class DeviceLayoutBuilder {
    private final Map<Integer, Bar> bars = new TreeMap<>();
    private final List<CapabilityPlacer.Wish> capabilities = new ArrayList<>();
    private final Map<IrqIndex, Integer> irqCounts = new EnumMap<>(IrqIndex.class);
    private PciType type = PciType.CONVENTIONAL;
    private PciId id;
    private PciClass pciClass = PciClass.UNASSIGNED;
    private int revision;
    private Optional<Region> rom = Optional.empty();
    private Optional<Region> vga = Optional.empty();
    private Optional<Region> legacyMigration = Optional.empty();
    private Optional<UnaryOperator<RegionHandler>> configHandler = Optional.empty();

    DeviceLayoutBuilder(int vendor, int device) {
        this.id = PciId.of(vendor, device);
        irqCounts.put(IrqIndex.ERR, 1);
        irqCounts.put(IrqIndex.REQ, 1);
    }

    /// Makes it a PCI Express device, with 4096 bytes of config space.
    public DeviceLayoutBuilder express() {
        return type(PciType.EXPRESS);
    }

    /// Sets the kind of PCI function.
    public DeviceLayoutBuilder type(PciType type) {
        this.type = Objects.requireNonNull(type, "type");
        return this;
    }

    /// Sets the subsystem ids, each 0 to 0xffff.
    public DeviceLayoutBuilder subsystem(int vendor, int subsystem) {
        this.id = new PciId(id.vendor(), id.device(), vendor, subsystem);
        return this;
    }

    /// Sets the class code, each part 0 to 0xff.
    public DeviceLayoutBuilder pciClass(int base, int sub, int programmingInterface) {
        this.pciClass = new PciClass(base, sub, programmingInterface);
        return this;
    }

    /// Sets the revision, 0 to 0xff.
    public DeviceLayoutBuilder revision(int revision) {
        if (revision < 0 || revision > 0xff) {
            throw new IllegalArgumentException("revision: " + revision + " (expected: 0 to 255)");
        }
        this.revision = revision;
        return this;
    }

    /// Adds a BAR.
    ///
    /// @param index 0 to 5, not taken; a 64-bit BAR needs the next one free
    public DeviceLayoutBuilder bar(int index, Bar bar) {
        if (index < 0 || index > 5) {
            throw new IllegalArgumentException("BAR: " + index + " (expected: 0 to 5)");
        }
        if (bars.putIfAbsent(index, Objects.requireNonNull(bar, "bar")) != null) {
            throw new IllegalArgumentException("BAR" + index + ": twice (expected: once)");
        }
        return this;
    }

    /// Sets the expansion ROM; its size is a power of two, at least 2048. Writes are refused.
    public DeviceLayoutBuilder rom(Region rom) {
        if (Long.bitCount(rom.size()) != 1 || rom.size() < 2048 || rom.size() > 1L << 31) {
            throw new IllegalArgumentException(
                    "ROM size: " + rom.size() + " (expected: a power of two, 2 KiB to 2 GiB)");
        }
        this.rom = Optional.of(rom.readOnly());
        return this;
    }

    /// Sets the legacy VGA window (region 8).
    public DeviceLayoutBuilder vga(Region vga) {
        this.vga = Optional.of(vga);
        return this;
    }

    /// Sets the migration region of the legacy dialect (region 9) for a device that has the
    /// registers of migration version 1 itself, at the start of the region. Without it a device
    /// with [Device#migratable()] gets a region from the server. Clients of today do not see it.
    ///
    /// @param region at least 4096 bytes, of which the first 4096 are not mappable
    public DeviceLayoutBuilder legacyMigration(Region region) {
        boolean mappable =
                region.mappable().isPresent()
                        && region.mappable().get().areas().getFirst().offset()
                                < DeviceLayout.LEGACY_REGISTER_AREA_SIZE;
        if (region.size() < DeviceLayout.LEGACY_REGISTER_AREA_SIZE || mappable) {
            throw new IllegalArgumentException(
                    "migration region: 0x%x bytes%s (expected: at least 0x%x, the first 0x%x not mappable)"
                            .formatted(
                                    region.size(),
                                    mappable ? ", mappable from its start" : "",
                                    DeviceLayout.LEGACY_REGISTER_AREA_SIZE,
                                    DeviceLayout.LEGACY_REGISTER_AREA_SIZE));
        }
        this.legacyMigration = Optional.of(region);
        return this;
    }

    /// Adds a capability, where it first fits; MSI and MSI-X bring their interrupts with them.
    public DeviceLayoutBuilder capability(PciCapability capability) {
        return add(CapabilityPlacer.ANYWHERE, capability);
    }

    /// Adds a capability at a place of its own. Others make room for it.
    ///
    /// @param position where it starts: a multiple of 4, within 0x40 to 0x100, or 0x100 to 0x1000
    ///   of an extended capability
    public DeviceLayoutBuilder capability(int position, PciCapability capability) {
        if (position == CapabilityPlacer.ANYWHERE) {
            throw new IllegalArgumentException("position: 0x0 (expected: 0x40 or above)");
        }
        return add(position, capability);
    }

    private DeviceLayoutBuilder add(int position, PciCapability capability) {
        Objects.requireNonNull(capability, "capability");
        capabilities.add(new CapabilityPlacer.Wish(position, capability));
        if (capability instanceof PciCapability.Msi msi) {
            irqCounts.put(IrqIndex.MSI, msi.vectors());
        } else if (capability instanceof PciCapability.MsiX msix) {
            irqCounts.put(IrqIndex.MSIX, msix.vectors());
        }
        return this;
    }

    /// Lets the device take over the config space: every client access goes to the handler that
    /// `takeOver` makes. What that does not pass on to the framework's handler has no effect: no
    /// masks, no resets, no register of [io.vfiouser.device.pci.ConfigSpace].
    ///
    /// @param takeOver called once, when the device is served, with the framework's handler of
    ///   config space, to which the device's may delegate
    public DeviceLayoutBuilder configHandler(UnaryOperator<RegionHandler> takeOver) {
        configHandler = Optional.of(Objects.requireNonNull(takeOver, "takeOver"));
        return this;
    }

    /// Sets how many interrupts of a type there are: INTX, ERR, REQ: 0 or 1. (MSI and MSI-X follow
    /// from their capabilities.)
    public DeviceLayoutBuilder irq(IrqIndex index, int count) {
        if (index == IrqIndex.MSI || index == IrqIndex.MSIX) {
            throw new IllegalArgumentException(
                    index + ": " + count + " (expected: add its capability instead)");
        }
        if (count < 0 || count > 1) {
            throw new IllegalArgumentException(index + ": " + count + " (expected: 0 or 1)");
        }
        irqCounts.put(index, count);
        return this;
    }

    /// The layout.
    ///
    /// @throws IllegalArgumentException if its parts do not go together
    public DeviceLayout build() {
        bars.forEach(this::checkUpperHalf);
        capabilities.forEach(wish -> checkInBars(wish.capability()));
        return new DeviceLayout(
                type,
                id,
                pciClass,
                revision,
                bars,
                rom,
                vga,
                legacyMigration,
                CapabilityPlacer.place(type, capabilities),
                configHandler,
                irqCounts);
    }

    private void checkUpperHalf(int index, Bar bar) {
        if (bar.kind() != Bar.Kind.MEMORY_64) {
            return;
        }
        if (index == 5 || bars.containsKey(index + 1)) {
            throw new IllegalArgumentException(
                    "BAR"
                            + index
                            + ": 64-bit (expected: an index below 5 with the next BAR unused)");
        }
    }

    private void checkInBars(PciCapability capability) {
        if (capability instanceof PciCapability.MsiX msix) {
            checkInBar("MSI-X table", msix.tableBar(), msix.tableOffset(), msix.tableSize());
            checkInBar(
                    "MSI-X pending bits",
                    msix.pendingBar(),
                    msix.pendingOffset(),
                    msix.pendingSize());
        }
    }

    private void checkInBar(String what, int index, long offset, int size) {
        Bar bar = bars.get(index);
        if (bar == null || bar.kind() == Bar.Kind.IO || offset + size > bar.region().size()) {
            throw new IllegalArgumentException(
                    what
                            + ": BAR"
                            + index
                            + " 0x"
                            + Long.toHexString(offset)
                            + "+0x"
                            + Integer.toHexString(size)
                            + " (expected: inside a memory BAR; this one is "
                            + (bar == null
                                    ? "unused"
                                    : bar.kind() + " of 0x" + Long.toHexString(bar.region().size()))
                            + ")");
        }
    }
}
