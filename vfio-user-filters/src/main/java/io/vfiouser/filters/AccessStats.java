package io.vfiouser.filters;

import java.util.List;

/// What a [StatsFilter] has seen of one kind of access to one place.
///
/// @param place a register, such as `BAR2.STATUS`, or a region for all else, such as `BAR2`
/// @param count accesses that were answered
/// @param errors those of them that were answered with an error
/// @param bytes of all of them
/// @param totalNanos time until they were answered, all together
/// @param maxNanos the longest
/// @param histogram how many took at least 2^n but less than 2^(n+1) nanoseconds, by n
public record AccessStats(
        AccessKind kind,
        String place,
        long count,
        long errors,
        long bytes,
        long totalNanos,
        long maxNanos,
        List<Long> histogram) {
    /// Copies the list.
    public AccessStats {
        histogram = List.copyOf(histogram);
    }

    /// The time within which a part of the accesses were answered, rounded up to a power of two, in
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

    /// One line for a log.
    @Override
    public String toString() {
        return "%s %s: count=%d errors=%d bytes=%d mean=%dns p99<=%dns max=%dns"
                .formatted(
                        kind,
                        place,
                        count,
                        errors,
                        bytes,
                        count == 0 ? 0 : totalNanos / count,
                        quantileNanos(0.99),
                        maxNanos);
    }
}
