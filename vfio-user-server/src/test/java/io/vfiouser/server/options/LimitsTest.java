package io.vfiouser.server.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LimitsTest {
    @ParameterizedTest
    @EnumSource
    void takesItsWholeRangeAndNoMore(Limit limit) {
        Limits standard = Limits.defaults();
        assertThat(standard.of(limit))
                .isEqualTo(limit.standard())
                .isBetween(limit.least(), limit.most());
        assertThat(standard.with(limit, limit.least()).of(limit)).isEqualTo(limit.least());
        assertThat(standard.with(limit, limit.most()).of(limit)).isEqualTo(limit.most());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> standard.with(limit, limit.least() - 1))
                .withMessageStartingWith(limit + ": " + (limit.least() - 1) + " (expected: ");
    }

    @Test
    void leavesTheOthersAndTheOriginalAlone() {
        Limits standard = Limits.defaults();
        Limits changed = standard.with(Limit.MAX_DMA_REGIONS, 7);
        assertThat(standard.of(Limit.MAX_DMA_REGIONS)).isEqualTo(1 << 16);
        for (Limit limit : Limit.values()) {
            if (limit != Limit.MAX_DMA_REGIONS) {
                assertThat(changed.of(limit)).isEqualTo(standard.of(limit));
            }
        }
    }

    @Test
    void hasTimesAsDurations() {
        Limits limits = Limits.defaults().with(Limit.PEER_CALL_TIMEOUT, Duration.ofMillis(1500));
        assertThat(limits.duration(Limit.PEER_CALL_TIMEOUT)).isEqualTo(Duration.ofMillis(1500));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.with(Limit.LEASE_TIMEOUT, Duration.ZERO))
                .withMessage("leaseTimeout: PT0S (expected: above zero)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.duration(Limit.MAX_DMA_REGIONS));
    }

    @Test
    void areNamedAsUsersWriteThem() {
        assertThat(Limit.MAX_DESCRIPTORS_PER_MESSAGE).hasToString("maxDescriptorsPerMessage");
    }
}
