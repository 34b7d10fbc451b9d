package io.vfiouser.filters;

import io.vfiouser.os.Errno;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// An [ErrorRule] at work. Belongs to the device's loop.
final class ErrorSource {
    private final ErrorRule rule;
    private final Random random;
    private long count;

    ErrorSource(ErrorRule rule, long seed) {
        this.rule = rule;
        this.random = new Random(seed);
    }

    /// How the next one fails, or null if it does not.
    @Nullable Errno next() {
        if (rule.isNone()) {
            return null;
        }
        count++;
        boolean hit =
                rule.nth() > 0
                        ? rule.nth() == count
                        : rule.rate() == 1 || random.nextDouble() < rule.rate();
        return hit ? rule.errno().orElseThrow() : null;
    }
}
