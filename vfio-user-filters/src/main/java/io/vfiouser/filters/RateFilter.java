package io.vfiouser.filters;

import java.time.Duration;
import java.util.function.LongSupplier;

/// Lets only so many accesses a second reach the device; the others wait for their turn without
/// holding up the loop. What was not used of ten milliseconds may be caught up.
public final class RateFilter extends WaitingFilter {
    private static final long CATCH_UP_NANOS = 10_000_000;

    private final LongSupplier nanoClock;
    private final long interval;
    private long turn;

    /// A filter that is enabled.
    public RateFilter(RateSettings settings) {
        this(settings, System::nanoTime);
    }

    RateFilter(RateSettings settings, LongSupplier nanoClock) {
        super("rate", settings.at());
        this.nanoClock = nanoClock;
        this.interval = 1_000_000_000 / settings.perSecond();
        this.turn = nanoClock.getAsLong();
    }

    @Override
    Duration readWait() {
        return untilNextTurn();
    }

    @Override
    Duration writeWait() {
        return untilNextTurn();
    }

    /// Takes the next turn.
    ///
    /// @return the time until then, zero for now
    private Duration untilNextTurn() {
        long now = nanoClock.getAsLong();
        long mine = Math.max(turn - now, -CATCH_UP_NANOS);
        turn = now + mine + interval;
        return mine <= 0 ? Duration.ZERO : Duration.ofNanos(mine);
    }
}
