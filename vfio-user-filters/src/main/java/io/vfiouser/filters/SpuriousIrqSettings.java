package io.vfiouser.filters;

import io.vfiouser.device.Setting;
import java.time.Duration;
import java.util.Objects;

/// The settings of the `spurious-irq` filter.
///
/// @param irq which interrupt; `all` for vector 0 of the type that the driver listens to, and
///   vector 0 for a type without one
/// @param every how often, more than zero
public record SpuriousIrqSettings(
        @Setting("which interrupt; all: the one that the driver listens to") IrqTarget irq,
        @Setting("how often, more than zero") Duration every) {
    /// Once a second.
    public static final SpuriousIrqSettings DEFAULTS =
            new SpuriousIrqSettings(IrqTarget.ALL, Duration.ofSeconds(1));

    /// Checks the time.
    ///
    /// @throws IllegalArgumentException if it is not more than zero
    public SpuriousIrqSettings {
        Objects.requireNonNull(irq, "irq");
        if (every.isNegative() || every.isZero()) {
            throw new IllegalArgumentException(
                    "every: " + every + " (expected: more than 0, as in 10ms)");
        }
    }
}
