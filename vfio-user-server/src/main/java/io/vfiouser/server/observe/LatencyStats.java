package io.vfiouser.server.observe;

import java.util.Arrays;

/// How long something took: a histogram with four buckets for each power of two from 64 ns to 68 s,
/// so that what it says of a time is at most a fourth too high. Immutable.
public final class LatencyStats {
    /// How many buckets there are.
    public static final int BUCKETS = 121;

    /// Nothing was timed.
    public static final LatencyStats NONE = new LatencyStats(new long[BUCKETS], 0, 0);

    private static final int FIRST_POWER = 6;
    private static final int LAST_POWER = 35;

    private final long[] counts;
    private final long totalNanos;
    private final long maxNanos;

    private LatencyStats(long[] counts, long totalNanos, long maxNanos) {
        this.counts = counts;
        this.totalNanos = totalNanos;
        this.maxNanos = maxNanos;
    }

    /// What was recorded.
    ///
    /// @param counts how many times fell into each of the [#BUCKETS]
    /// @param totalNanos of all of them, in nanoseconds
    /// @param maxNanos the longest
    public static LatencyStats of(long[] counts, long totalNanos, long maxNanos) {
        if (counts.length != BUCKETS) {
            throw new IllegalArgumentException(
                    "counts: " + counts.length + " (expected: " + BUCKETS + ")");
        }
        return new LatencyStats(counts.clone(), totalNanos, maxNanos);
    }

    /// The bucket for a time, 0 to [#BUCKETS] - 1.
    ///
    /// @param nanos nanoseconds; below zero counts as zero
    public static int bucketOf(long nanos) {
        if (nanos < 1L << FIRST_POWER) {
            return 0;
        }
        int power = 63 - Long.numberOfLeadingZeros(nanos);
        return power > LAST_POWER
                ? BUCKETS - 1
                : 1 + ((power - FIRST_POWER) << 2) + (int) ((nanos >>> (power - 2)) & 3);
    }

    /// The time in nanoseconds that everything in a bucket is below. Longer times than the last
    /// bucket has are in it all the same.
    ///
    /// @param bucket 0 to [#BUCKETS] - 1
    public static long boundNanos(int bucket) {
        if (bucket == 0) {
            return 1L << FIRST_POWER;
        }
        int power = FIRST_POWER + ((bucket - 1) >> 2);
        return (5L + ((bucket - 1) & 3)) << (power - 2);
    }

    /// How many were timed.
    public long count() {
        return Arrays.stream(counts).sum();
    }

    /// How many fell into a bucket.
    public long count(int bucket) {
        return counts[bucket];
    }

    /// How many took less than the bound of a bucket.
    public long countBelowBoundOf(int bucket) {
        return Arrays.stream(counts, 0, bucket + 1).sum();
    }

    /// All together, in nanoseconds.
    public long totalNanos() {
        return totalNanos;
    }

    /// The longest ever, in nanoseconds; 0 if nothing was timed.
    public long maxNanos() {
        return maxNanos;
    }

    /// The mean in nanoseconds; 0 if nothing was timed.
    public long meanNanos() {
        long count = count();
        return count == 0 ? 0 : totalNanos / count;
    }

    /// The time within which a part of them ended, in nanoseconds, rounded up to a bucket's bound;
    /// 0 if nothing was timed.
    ///
    /// @param part 0 to 1, for instance 0.99
    public long quantileNanos(double part) {
        long wanted = Math.max(1, (long) Math.ceil(part * count()));
        long seen = 0;
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            seen += counts[bucket];
            if (seen >= wanted) {
                return bucket == BUCKETS - 1
                        ? maxNanos
                        : Math.min(boundNanos(bucket), Math.max(maxNanos, 1));
            }
        }
        return 0;
    }

    /// What came since `earlier`, a snapshot of the same. The longest is that of all time.
    public LatencyStats since(LatencyStats earlier) {
        var newer = new long[BUCKETS];
        Arrays.setAll(newer, i -> Math.max(0, counts[i] - earlier.counts[i]));
        return new LatencyStats(newer, Math.max(0, totalNanos - earlier.totalNanos), maxNanos);
    }

    /// Both together.
    public LatencyStats plus(LatencyStats other) {
        var sums = new long[BUCKETS];
        Arrays.setAll(sums, i -> counts[i] + other.counts[i]);
        return new LatencyStats(
                sums, totalNanos + other.totalNanos, Math.max(maxNanos, other.maxNanos));
    }

    /// Count, mean, 50th and 99th percentile and the longest, for a log.
    @Override
    public String toString() {
        return "count=%d mean=%dns p50<=%dns p99<=%dns max=%dns"
                .formatted(count(), meanNanos(), quantileNanos(0.5), quantileNanos(0.99), maxNanos);
    }
}
