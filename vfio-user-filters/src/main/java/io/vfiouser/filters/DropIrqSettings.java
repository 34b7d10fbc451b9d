package io.vfiouser.filters;

import io.vfiouser.device.Setting;
import java.util.Objects;

/// The settings of the `drop-irq` filter.
///
/// @param irq which interrupts
/// @param rate the part of them that is lost, 0 to 1
/// @param seed the same seed loses the same ones
public record DropIrqSettings(
        @Setting("which interrupts") IrqTarget irq,
        @Setting("part of them that is lost, 0 to 1") double rate,
        @Setting("the same seed loses the same ones") long seed) {
    /// All interrupts are lost.
    public static final DropIrqSettings DEFAULTS = new DropIrqSettings(IrqTarget.ALL, 1, 0);

    /// Checks the rate.
    ///
    /// @throws IllegalArgumentException for a rate beyond 0 to 1
    public DropIrqSettings {
        Objects.requireNonNull(irq, "irq");
        if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException("rate: " + rate + " (expected: 0 to 1)");
        }
    }
}
