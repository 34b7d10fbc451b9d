package io.vfiouser.filters;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What is counted of one region: a tally for each register and one for all else.
final class RegionTallies {
    private final FilteredRegion region;
    private final AccessTally[] reads;
    private final AccessTally[] writes;

    RegionTallies(FilteredRegion region) {
        this.region = region;
        int places = region.registers().size() + 1;
        this.reads = tallies(places);
        this.writes = tallies(places);
    }

    /// By the register that has the first byte.
    AccessTally reads(long offset) {
        return reads[region.registerNumber(offset) + 1];
    }

    /// By the register that has the first byte.
    AccessTally writes(long offset) {
        return writes[region.registerNumber(offset) + 1];
    }

    /// Of places that were accessed.
    Stream<AccessStats> snapshots() {
        return IntStream.range(0, reads.length)
                .boxed()
                .flatMap(place ->
                        Stream.of(
                                reads[place].snapshot(AccessKind.READ, name(place)),
                                writes[place].snapshot(AccessKind.WRITE, name(place))))
                .filter(stats -> stats.count() > 0);
    }

    private String name(int place) {
        return place == 0
                ? region.name()
                : region.name() + "." + region.registers().get(place - 1).name();
    }

    private static AccessTally[] tallies(int count) {
        return Stream.generate(AccessTally::new).limit(count).toArray(AccessTally[]::new);
    }
}
