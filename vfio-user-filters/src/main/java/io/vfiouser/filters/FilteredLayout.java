package io.vfiouser.filters;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciType;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// A device's layout with filters before its regions.
///
/// Regions that a filter stands before cannot be mapped: accesses through a mapping would go past
/// it.
final class FilteredLayout {
    private static final int ROM = 6;
    private static final int CONFIG = 7;
    private static final int VGA = 8;

    private final FilterChain filters;
    private final List<FilteredRegion> regions = new ArrayList<>();
    private final Map<Integer, FilteredRegion> byIndex = new HashMap<>();
    private final Set<Integer> filteredRegions = new HashSet<>();
    private final DeviceLayout filtered;

    FilteredLayout(FilterChain filters, DeviceLayout layout) {
        this.filters = filters;
        new TreeMap<>(layout.bars())
                .forEach((bar, of) -> add(FilteredRegion.of("BAR" + bar, bar, of.region())));
        layout.rom().ifPresent(rom -> add(FilteredRegion.of("ROM", ROM, rom)));
        layout.vga().ifPresent(vga -> add(FilteredRegion.of("VGA", VGA, vga)));
        FilteredRegion config = FilteredRegion.config(CONFIG, configSize(layout.type()));
        add(config);
        filters.each(filter -> filter.prepare(layout, List.copyOf(regions)));
        this.filtered = around(layout, config);
    }

    /// The layout to serve.
    DeviceLayout filtered() {
        return filtered;
    }

    /// Whether a filter stands before a region, by its index.
    boolean isFiltered(int region) {
        return filteredRegions.contains(region);
    }

    private void add(FilteredRegion region) {
        regions.add(region);
        byIndex.put(region.index(), region);
    }

    private DeviceLayout around(DeviceLayout layout, FilteredRegion config) {
        var bars = new HashMap<Integer, Bar>();
        layout.bars()
                .forEach((index, bar) ->
                        bars.put(
                                index,
                                new Bar(
                                        bar.kind(),
                                        bar.prefetchable(),
                                        around(index, bar.region()))));
        return new DeviceLayout(
                layout.type(),
                layout.id(),
                layout.pciClass(),
                layout.revision(),
                bars,
                layout.rom().map(rom -> around(ROM, rom)),
                layout.vga().map(vga -> around(VGA, vga)),
                layout.legacyMigration(),
                layout.capabilities(),
                Optional.of(framework -> {
                    RegionHandler own =
                            layout.configHandler()
                                    .map(takeOver -> takeOver.apply(framework))
                                    .orElse(framework);
                    return filters.around(config, own);
                }),
                layout.irqCounts());
    }

    @SuppressWarnings("ReferenceEquality") // a filter says "leave it alone" with the very handler
    private Region around(int index, Region region) {
        FilteredRegion known = byIndex.get(index);
        if (known == null) {
            throw new AssertionError("region " + index + " (expected: one of the layout)");
        }
        RegionHandler handler = filters.around(known, region.handler());
        if (handler == region.handler()) {
            return region;
        }
        filteredRegions.add(index);
        return new Region(
                region.size(), handler, region.readable(), region.writable(), Optional.empty());
    }

    private static long configSize(PciType type) {
        return type == PciType.CONVENTIONAL ? 256 : 4096;
    }
}
