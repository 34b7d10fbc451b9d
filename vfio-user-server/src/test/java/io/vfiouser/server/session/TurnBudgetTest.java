package io.vfiouser.server.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TurnBudgetTest {
    private static final int LOOKED_AT = 8;

    @Test
    void aFewShortAccessesAreFree() {
        var budget = new TurnBudget(1);
        for (int i = 1; i < LOOKED_AT; i++) {
            budget.charge(false);
        }
        assertThat(budget.allowsMore()).isTrue();
        assertThat(budget.isSpent()).isFalse();
    }

    @Test
    void aLongCommandStartsTheClockAtOnce() {
        var budget = new TurnBudget(1);
        budget.charge(true);
        assertThat(budget.isSpent()).as("its own time is not over yet").isFalse();
        budget.charge(true);
        assertThat(budget.isSpent()).isTrue();
        assertThat(budget.allowsMore()).isFalse();
    }

    @Test
    void nothingMoreIsReceivedLongBeforeTheTurnIsOver() {
        var budget = new TurnBudget(Duration.ofMinutes(10).toNanos());
        budget.charge(true);
        assertThat(budget.allowsMore()).isTrue();
        var tight = new TurnBudget(4);
        tight.charge(true);
        assertThat(tight.allowsMore()).as("half of 4 ns is over").isFalse();
    }

    @Test
    void theNextTurnBeginsAnew() {
        var budget = new TurnBudget(1);
        budget.charge(true);
        budget.charge(true);
        budget.renew();
        assertThat(budget.isSpent()).isFalse();
        assertThat(budget.allowsMore()).isTrue();
    }
}
