package io.vfiouser.server.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LatencyStatsTest {
    @Test
    void eachTimeLiesBetweenTheBoundsOfItsBucket() {
        var random = new SplittableRandom(7);
        for (int i = 0; i < 20_000; i++) {
            long nanos = random.nextLong(1L << random.nextInt(1, 36));
            int bucket = LatencyStats.bucketOf(nanos);
            assertThat(nanos).isLessThan(LatencyStats.boundNanos(bucket));
            if (bucket > 0) {
                assertThat(nanos).isGreaterThanOrEqualTo(LatencyStats.boundNanos(bucket - 1));
            }
        }
    }

    @Test
    void boundsGrowByAtMostAFourth() {
        for (int bucket = 2; bucket < LatencyStats.BUCKETS; bucket++) {
            double ratio =
                    (double) LatencyStats.boundNanos(bucket) / LatencyStats.boundNanos(bucket - 1);
            assertThat(ratio).as("bucket %d", bucket).isBetween(1.1, 1.25);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 36, Long.MAX_VALUE})
    void whatTakesLongerThanAllBucketsIsInTheLast(long nanos) {
        assertThat(LatencyStats.bucketOf(nanos)).isEqualTo(LatencyStats.BUCKETS - 1);
    }

    @Test
    void aClockThatGoesBackCountsAsNoTime() {
        assertThat(LatencyStats.bucketOf(-5)).isZero();
    }

    @Test
    void quantilesAreTheBoundBelowWhichThePartLies() {
        var counts = new long[LatencyStats.BUCKETS];
        counts[LatencyStats.bucketOf(1000)] = 90;
        counts[LatencyStats.bucketOf(50_000)] = 10;
        var stats = LatencyStats.of(counts, 90 * 1000 + 10 * 50_000, 50_000);
        assertThat(stats.count()).isEqualTo(100);
        assertThat(stats.meanNanos()).isEqualTo(5900);
        assertThat(stats.quantileNanos(0.5)).isBetween(1000L, 1250L);
        assertThat(stats.quantileNanos(0.9)).isBetween(1000L, 1250L);
        assertThat(stats.quantileNanos(0.91)).isEqualTo(50_000);
        assertThat(stats.quantileNanos(1)).isEqualTo(stats.maxNanos());
    }

    @Test
    void nothingTimedIsZeroEverywhere() {
        assertThat(LatencyStats.NONE.quantileNanos(0.99)).isZero();
        assertThat(LatencyStats.NONE.meanNanos()).isZero();
        assertThat(LatencyStats.NONE.count()).isZero();
    }

    @Test
    void whatCameSinceIsTheDifference() {
        var before = new long[LatencyStats.BUCKETS];
        before[3] = 5;
        var after = before.clone();
        after[3] = 7;
        after[9] = 1;
        var since = LatencyStats.of(after, 900, 80).since(LatencyStats.of(before, 500, 70));
        assertThat(since.count(3)).isEqualTo(2);
        assertThat(since.count()).isEqualTo(3);
        assertThat(since.totalNanos()).isEqualTo(400);
    }

    @Test
    void refusesAnotherNumberOfBuckets() {
        assertThatThrownBy(() -> LatencyStats.of(new long[3], 0, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("counts: 3 (expected: 121)");
    }
}
