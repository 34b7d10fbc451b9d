package io.vfiouser.filters;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.Register;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A region's handler with whatever filters its device has at the moment before it. Belongs to the
/// device's loop.
final class AdjustableHandler implements RegionHandler {
    private final FilterChain filters;
    private final FilteredRegion region;
    private final RegionHandler own;
    private RegionHandler current;

    AdjustableHandler(FilterChain filters, FilteredRegion region, RegionHandler own) {
        this.filters = filters;
        this.region = region;
        this.own = own;
        this.current = filters.around(region, own);
    }

    /// Takes the filters as they are now.
    void adjust() {
        current = filters.around(region, own);
    }

    /// Whether a filter stands before the region.
    @SuppressWarnings("ReferenceEquality") // a filter says "leave it alone" with the very handler
    boolean isFiltered() {
        return current != own;
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        return current.read(offset, into);
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        return current.write(offset, from);
    }

    @Override
    public Optional<Register> registerAt(long offset) {
        return own.registerAt(offset);
    }
}
