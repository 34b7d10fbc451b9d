package io.vfiouser.filters;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import io.vfiouser.device.region.Register;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// One filter before one region: asked while it is enabled, passed by while not.
final class SwitchedHandler implements RegionHandler {
    private final DeviceFilter filter;
    private final RegionHandler filtered;
    private final RegionHandler next;

    SwitchedHandler(DeviceFilter filter, RegionHandler filtered, RegionHandler next) {
        this.filter = filter;
        this.filtered = filtered;
        this.next = next;
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        return (filter.isEnabled() ? filtered : next).read(offset, into);
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        return (filter.isEnabled() ? filtered : next).write(offset, from);
    }

    @Override
    public Optional<Register> registerAt(long offset) {
        return next.registerAt(offset);
    }
}
