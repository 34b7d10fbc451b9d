package io.vfiouser.filters;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A device's layout with filters before its regions.
///
/// Regions that a filter stands before cannot be mapped: accesses through a mapping would go past
/// it.
final class FilteredLayout {
    private final FilterChain filters;
    private final Map<Integer, FilteredRegion> byIndex = new HashMap<>();
    private final Set<Integer> filteredRegions = new HashSet<>();
    private final DeviceLayout filtered;

    FilteredLayout(FilterChain filters, DeviceLayout layout) {
        this.filters = filters;
        List<FilteredRegion> regions = FilteredRegion.of(layout);
        regions.forEach(region -> byIndex.put(region.index(), region));
        filters.each(filter -> filter.prepare(layout, regions));
        this.filtered = around(layout, regions.getLast());
    }

    /// The layout to serve.
    DeviceLayout filtered() {
        return filtered;
    }

    /// Whether a filter stands before a region, by its index.
    boolean isFiltered(int region) {
        return filteredRegions.contains(region);
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
                layout.rom().map(rom -> around(FilteredRegion.ROM, rom)),
                layout.vga().map(vga -> around(FilteredRegion.VGA, vga)),
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
}
