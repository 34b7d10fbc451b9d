package io.vfiouser.filters;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import java.util.ArrayList;
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
    private final boolean adjustable;
    private final DeviceLayout own;
    private final List<FilteredRegion> regions;
    private final List<AdjustableHandler> handlers = new ArrayList<>();
    private final Map<Integer, FilteredRegion> byIndex = new HashMap<>();
    private final Set<Integer> filteredRegions = new HashSet<>();
    private final DeviceLayout filtered;

    /// @param adjustable whether filters come and go while the device is served
    FilteredLayout(FilterChain filters, boolean adjustable, DeviceLayout layout) {
        this.filters = filters;
        this.adjustable = adjustable;
        this.own = layout;
        this.regions = FilteredRegion.of(layout);
        regions.forEach(region -> byIndex.put(region.index(), region));
        filters.each(this::prepare);
        this.filtered = around(layout, regions.getLast());
    }

    /// The layout to serve.
    DeviceLayout filtered() {
        return filtered;
    }

    /// Tells a filter what the device looks like.
    void prepare(DeviceFilter filter) {
        filter.prepare(own, regions);
    }

    /// Puts the filters that there are now before the regions, on the device's loop.
    void adjust() {
        handlers.forEach(AdjustableHandler::adjust);
    }

    /// Whether a filter stood before a region when the device was served, by its index.
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
                    return around(config, own);
                }),
                layout.irqCounts());
    }

    @SuppressWarnings("ReferenceEquality") // a filter says "leave it alone" with the very handler
    private Region around(int index, Region region) {
        FilteredRegion known = byIndex.get(index);
        if (known == null) {
            throw new AssertionError("region " + index + " (expected: one of the layout)");
        }
        RegionHandler handler = around(known, region.handler());
        boolean filtered =
                handler instanceof AdjustableHandler adjusted
                        ? adjusted.isFiltered()
                        : handler != region.handler();
        if (handler == region.handler()) {
            return region;
        }
        if (filtered) {
            filteredRegions.add(index);
        }
        return new Region(
                region.size(),
                handler,
                region.readable(),
                region.writable(),
                filtered ? Optional.empty() : region.mappable());
    }

    private RegionHandler around(FilteredRegion region, RegionHandler handler) {
        if (!adjustable) {
            return filters.around(region, handler);
        }
        var adjusted = new AdjustableHandler(filters, region, handler);
        handlers.add(adjusted);
        return adjusted;
    }
}
