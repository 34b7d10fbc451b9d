package io.vfiouser.devices.block.filter;

import java.util.List;

/// What a [StatsFilter] has seen of one operation.
///
/// @param count requests that ended
/// @param errors those of them that did not end well
/// @param bytes of all their ranges
/// @param totalNanos time from submission to completion, all together
/// @param maxNanos the longest
/// @param histogram how many took at least 2^n but less than 2^(n+1) nanoseconds, by n
public record OperationStats(
        long count, long errors, long bytes, long totalNanos, long maxNanos, List<Long> histogram) {
    /// Copies the list.
    public OperationStats {
        histogram = List.copyOf(histogram);
    }

    /// The time within which a part of the requests ended, rounded up to a power of two, in
    /// nanoseconds; 0 if there were none.
    ///
    /// @param part 0 to 1, for instance 0.99
    public long quantileNanos(double part) {
        long wanted = (long) Math.ceil(part * count);
        long seen = 0;
        for (int i = 0; i < histogram.size(); i++) {
            seen += histogram.get(i);
            if (seen >= wanted && seen > 0) {
                return Math.min(2L << i, maxNanos);
            }
        }
        return 0;
    }
}
