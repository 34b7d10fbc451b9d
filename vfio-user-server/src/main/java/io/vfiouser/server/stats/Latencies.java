package io.vfiouser.server.stats;

import io.vfiouser.server.observe.LatencyStats;

/// How long something took, in the buckets of [LatencyStats]. One thread records, any reads.
final class Latencies {
    private static final int TOTAL = LatencyStats.BUCKETS;
    private static final int MAX = TOTAL + 1;

    private final Tallies tallies = new Tallies(MAX + 1);

    void record(long nanos) {
        tallies.add(LatencyStats.bucketOf(nanos), 1);
        tallies.add(TOTAL, nanos);
        tallies.atLeast(MAX, nanos);
    }

    LatencyStats snapshot() {
        var counts = new long[LatencyStats.BUCKETS];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = tallies.get(i);
        }
        return LatencyStats.of(counts, tallies.get(TOTAL), tallies.get(MAX));
    }
}
