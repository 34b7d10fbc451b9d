package io.vfiouser.device;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.pci.PciClass;
import io.vfiouser.device.pci.PciId;
import io.vfiouser.device.pci.PciType;
import io.vfiouser.device.pci.PlacedCapability;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// What clients see of a device, checked as a whole by [DeviceLayoutBuilder#build()].
///
/// @param type conventional PCI or PCI Express; decides the size of the config space
/// @param id vendor, device and subsystem ids
/// @param pciClass class code
/// @param revision 0 to 0xff
/// @param bars by index, 0 to 5; a 64-bit BAR leaves the next index free
/// @param rom the expansion ROM, if there is one
/// @param vga the legacy VGA window, if there is one
/// @param legacyMigration the migration region of the legacy dialect, if the device has one of its
///   own
/// @param capabilities where each lies, in list order: standard ones, then extended ones
/// @param configHandler makes the handler of all config space accesses from the framework's, if the
///   device takes them over
/// @param irqCounts how many interrupts there are of each type; types that are absent have none
public record DeviceLayout(
        PciType type,
        PciId id,
        PciClass pciClass,
        int revision,
        Map<Integer, Bar> bars,
        Optional<Region> rom,
        Optional<Region> vga,
        Optional<Region> legacyMigration,
        List<PlacedCapability> capabilities,
        Optional<UnaryOperator<RegionHandler>> configHandler,
        Map<IrqIndex, Integer> irqCounts) {
    /// Bytes at the start of the migration region of the legacy dialect that are for its registers
    /// and cannot be mapped; data begin there or later.
    public static final int LEGACY_REGISTER_AREA_SIZE = 4096;

    /// Copies the collections.
    public DeviceLayout {
        bars = Map.copyOf(bars);
        capabilities = List.copyOf(capabilities);
        irqCounts = Map.copyOf(irqCounts);
    }

    /// Starts the layout of a conventional PCI device; [DeviceLayoutBuilder#express()] makes it PCI
    /// Express.
    ///
    /// @param vendor 0 to 0xffff
    /// @param device 0 to 0xffff
    public static DeviceLayoutBuilder pci(int vendor, int device) {
        return new DeviceLayoutBuilder(vendor, device);
    }

    /// The BAR with this index, 0 to 5, if there is one.
    public Optional<Bar> bar(int index) {
        return Optional.ofNullable(bars.get(index));
    }

    /// How many interrupts of a type there are, 0 or more.
    public int irqCount(IrqIndex index) {
        return irqCounts.getOrDefault(index, 0);
    }

    /// The first capability of a type, if there is one.
    public <C extends PciCapability> Optional<C> capability(Class<C> type) {
        return capabilities.stream()
                .map(PlacedCapability::capability)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst();
    }

    /// What works here but is better otherwise, BARs first; empty for most layouts. The server logs
    /// it once for each device.
    public List<LayoutNote> notes() {
        return LayoutNotes.of(this);
    }
}
