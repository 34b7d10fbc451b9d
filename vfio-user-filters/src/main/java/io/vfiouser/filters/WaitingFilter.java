package io.vfiouser.filters;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;

/// A filter that lets some accesses wait before they reach the device. The loop does not wait.
abstract class WaitingFilter extends DeviceFilter {
    private final Target at;
    private final Waits waits = new Waits();

    /// @param at the accesses that may have to wait
    WaitingFilter(String name, Target at) {
        super(name);
        this.at = at;
    }

    /// How long a read waits that comes now; asked once for each.
    abstract Duration readWait();

    /// How long a write waits that comes now; asked once for each.
    abstract Duration writeWait();

    @Override
    protected void prepare(DeviceLayout layout, List<FilteredRegion> regions) {
        at.check(regions);
    }

    @Override
    protected RegionHandler around(FilteredRegion region, RegionHandler next) {
        return at.in(region).<RegionHandler>map(range -> new Handler(range, next)).orElse(next);
    }

    @Override
    protected void attached(DeviceContext context) {
        waits.attached(context);
    }

    @Override
    protected void quiesce() {
        waits.endAll();
    }

    private final class Handler implements RegionHandler {
        private final ByteRange range;
        private final RegionHandler next;

        private Handler(ByteRange range, RegionHandler next) {
            this.range = range;
            this.next = next;
        }

        @Override
        public Completion read(long offset, MemorySegment into) {
            Duration wait = range.touches(offset, into.byteSize()) ? readWait() : Duration.ZERO;
            return wait.isZero()
                    ? next.read(offset, into)
                    : waits.forTime(wait).then(() -> next.read(offset, into));
        }

        @Override
        public Completion write(long offset, MemorySegment from) {
            Duration wait = range.touches(offset, from.byteSize()) ? writeWait() : Duration.ZERO;
            return wait.isZero()
                    ? next.write(offset, from)
                    : waits.forTime(wait).then(() -> next.write(offset, from));
        }
    }
}
