package io.vfiouser.filters;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;

/// Lets accesses reach the device late, as over a slow bus. The loop does not wait: other devices
/// go on, only this client's later commands come after.
///
/// A client that goes, or a reset, ends the waiting.
public final class DelayFilter extends DeviceFilter {
    private final DelaySettings settings;
    private final Waits waits = new Waits();

    /// A filter that is enabled.
    public DelayFilter(DelaySettings settings) {
        super("delay");
        this.settings = settings;
    }

    @Override
    protected void prepare(DeviceLayout layout, List<FilteredRegion> regions) {
        settings.at().check(regions);
    }

    @Override
    protected RegionHandler around(FilteredRegion region, RegionHandler next) {
        return settings.at()
                .in(region)
                .<RegionHandler>map(range -> new Handler(range, next))
                .orElse(next);
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
            Duration delay = settings.read();
            return delay.isZero() || !range.touches(offset, into.byteSize())
                    ? next.read(offset, into)
                    : waits.forTime(delay).then(() -> next.read(offset, into));
        }

        @Override
        public Completion write(long offset, MemorySegment from) {
            Duration delay = settings.write();
            return delay.isZero() || !range.touches(offset, from.byteSize())
                    ? next.write(offset, from)
                    : waits.forTime(delay).then(() -> next.write(offset, from));
        }
    }
}
