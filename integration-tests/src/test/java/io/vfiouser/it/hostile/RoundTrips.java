package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/// How long the round trips of the neighbours took.
final class RoundTrips {
    /// A loop that is held up shows in every round trip meanwhile. One that is not takes some 50
    /// µs; a machine whose processors are all taken by other programs makes single ones a hundred
    /// times longer, but not half of them.
    private static final Duration MEDIAN_LIMIT = Duration.ofMillis(10);

    /// Asked for with `-Dvfiouser.quiet=true`, on a machine that does nothing else.
    private static final Duration P99_LIMIT = Duration.ofMillis(10);

    private static final boolean QUIET = Boolean.getBoolean("vfiouser.quiet");

    /// Every limit on how long a client may keep something waiting is ten seconds; whoever is held
    /// up by such a client waits that long.
    private static final Duration SLOWEST_LIMIT = Duration.ofSeconds(5);

    private final long[] sorted;

    private RoundTrips(long[] sorted) {
        this.sorted = sorted;
    }

    /// @param nanos of each, at least one
    static RoundTrips of(List<Long> nanos) {
        assertThat(nanos).as("round trips").isNotEmpty();
        long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
        Arrays.sort(sorted);
        return new RoundTrips(sorted);
    }

    int count() {
        return sorted.length;
    }

    /// The time that this part of them, 0 to 1, took at most.
    Duration quantile(double part) {
        return Duration.ofNanos(
                sorted[(int) Math.min(sorted.length - 1L, (long) (part * sorted.length))]);
    }

    Duration slowest() {
        return Duration.ofNanos(sorted[sorted.length - 1]);
    }

    void assertUndisturbed() {
        assertThat(quantile(0.5)).as("median of %s", this).isLessThan(MEDIAN_LIMIT);
        if (QUIET) {
            assertThat(quantile(0.99)).as("p99 of %s", this).isLessThan(P99_LIMIT);
        }
        assertThat(slowest()).as("slowest of %s", this).isLessThan(SLOWEST_LIMIT);
    }

    @Override
    public String toString() {
        return "%d round trips: median %d us, p99 %d us, slowest %d us"
                .formatted(
                        count(),
                        quantile(0.5).toNanos() / 1000,
                        quantile(0.99).toNanos() / 1000,
                        slowest().toNanos() / 1000);
    }
}
