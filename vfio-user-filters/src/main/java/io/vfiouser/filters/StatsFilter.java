package io.vfiouser.filters;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts accesses, errors and latency by register and region, and logs them when the device is
/// closed. Costs no allocation for an access that the device answers at once.
public final class StatsFilter extends DeviceFilter {
    private static final Logger LOG = LoggerFactory.getLogger(StatsFilter.class);

    private final Map<Integer, RegionTallies> tallies = new ConcurrentSkipListMap<>();

    /// A filter that is enabled.
    public StatsFilter() {
        super("stats");
    }

    /// What was seen so far, region by region, without places that were not accessed. From any
    /// thread.
    public List<AccessStats> stats() {
        return tallies.values().stream().flatMap(RegionTallies::snapshots).toList();
    }

    @Override
    protected RegionHandler around(FilteredRegion region, RegionHandler next) {
        return new Handler(
                tallies.computeIfAbsent(region.index(), _ -> new RegionTallies(region)), next);
    }

    @Override
    protected void closed() {
        stats().forEach(line -> LOG.info("{}", line));
    }

    private static final class Handler implements RegionHandler {
        private final RegionTallies tallies;
        private final RegionHandler next;

        private Handler(RegionTallies tallies, RegionHandler next) {
            this.tallies = tallies;
            this.next = next;
        }

        @Override
        public Completion read(long offset, MemorySegment into) {
            long start = System.nanoTime();
            AccessTally tally = tallies.reads(offset);
            long size = into.byteSize();
            try {
                return answered(next.read(offset, into), tally, size, start);
            } catch (Throwable thrown) {
                tally.add(size, System.nanoTime() - start, true);
                throw thrown;
            }
        }

        @Override
        public Completion write(long offset, MemorySegment from) {
            long start = System.nanoTime();
            AccessTally tally = tallies.writes(offset);
            long size = from.byteSize();
            try {
                return answered(next.write(offset, from), tally, size, start);
            } catch (Throwable thrown) {
                tally.add(size, System.nanoTime() - start, true);
                throw thrown;
            }
        }

        private static Completion answered(
                Completion completion, AccessTally tally, long size, long start) {
            if (completion instanceof Completion.Pending(var stage)) {
                return Completion.after(
                        stage.whenComplete((_, error) ->
                                tally.add(size, System.nanoTime() - start, error != null)));
            }
            tally.add(size, System.nanoTime() - start, false);
            return completion;
        }
    }
}
