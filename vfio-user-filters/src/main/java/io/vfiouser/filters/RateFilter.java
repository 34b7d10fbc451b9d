package io.vfiouser.filters;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/// Lets only so many accesses a second reach the device; the others wait for their turn without
/// holding up the loop. What was not used of ten milliseconds may be caught up.
public final class RateFilter extends DeviceFilter {
    private static final long CATCH_UP_NANOS = 10_000_000;

    private final RateSettings settings;
    private final LongSupplier nanoClock;
    private final long interval;
    private final Waits waits = new Waits();
    private long turn;

    /// A filter that is enabled.
    public RateFilter(RateSettings settings) {
        this(settings, System::nanoTime);
    }

    RateFilter(RateSettings settings, LongSupplier nanoClock) {
        super("rate");
        this.settings = settings;
        this.nanoClock = nanoClock;
        this.interval = 1_000_000_000 / settings.perSecond();
        this.turn = nanoClock.getAsLong();
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

    /// Takes the next turn.
    ///
    /// @return nanoseconds until then, 0 for now
    private long waitTime() {
        long now = nanoClock.getAsLong();
        long mine = Math.max(turn - now, -CATCH_UP_NANOS);
        turn = now + mine + interval;
        return Math.max(0, mine);
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
            long wait = range.touches(offset, into.byteSize()) ? waitTime() : 0;
            return wait == 0
                    ? next.read(offset, into)
                    : waits.forTime(Duration.ofNanos(wait)).then(() -> next.read(offset, into));
        }

        @Override
        public Completion write(long offset, MemorySegment from) {
            long wait = range.touches(offset, from.byteSize()) ? waitTime() : 0;
            return wait == 0
                    ? next.write(offset, from)
                    : waits.forTime(Duration.ofNanos(wait)).then(() -> next.write(offset, from));
        }
    }
}
