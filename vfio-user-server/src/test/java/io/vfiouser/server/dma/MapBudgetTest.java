package io.vfiouser.server.dma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.codec.RequestRejectedException;
import org.junit.jupiter.api.Test;

class MapBudgetTest {
    /// No kernel is set to less than its own default of 65,530.
    private static final int LEAST = 40_000;

    @Test
    void isThreeQuartersOfWhatTheKernelAllowsAtMost() {
        assertThat(MapBudget.withinKernelLimit(Integer.MAX_VALUE).most()).isGreaterThan(LEAST);
        assertThat(MapBudget.withinKernelLimit(7).most()).isEqualTo(7);
    }

    @Test
    void refusesWhatIsBeyondAndTakesBack() {
        MapBudget budget = MapBudget.of(2);
        budget.take();
        budget.take();
        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(budget::take)
                .withMessage("mappings of all clients: 3 (expected: at most maxServerMaps, 2)");
        budget.giveBack();
        budget.take();
        assertThat(budget.taken()).isEqualTo(2);
    }
}
