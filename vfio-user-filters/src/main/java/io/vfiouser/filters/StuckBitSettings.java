package io.vfiouser.filters;

import io.vfiouser.device.Setting;
import java.util.Objects;

/// The settings of the `stuck-bit` filter.
///
/// @param at the register, of at most 8 bytes
/// @param zero bits that read as 0, within the register
/// @param one bits that read as 1, within the register
public record StuckBitSettings(
        @Setting("the register") Target at,
        @Setting("bits that read as 0") long zero,
        @Setting("bits that read as 1") long one) {
    /// No bit is stuck.
    public static final StuckBitSettings NONE = new StuckBitSettings(Target.ALL, 0, 0);

    /// Checks the bits.
    ///
    /// @throws IllegalArgumentException if a bit is to be both
    public StuckBitSettings {
        Objects.requireNonNull(at, "at");
        if ((zero & one) != 0) {
            throw new IllegalArgumentException(
                    "zero: 0x%x, one: 0x%x (expected: no bit in both)".formatted(zero, one));
        }
    }

    /// Some bits of a register read as 0.
    public static StuckBitSettings atZero(String register, long bits) {
        return new StuckBitSettings(Target.parse(register), bits, 0);
    }

    /// Some bits of a register read as 1.
    public static StuckBitSettings atOne(String register, long bits) {
        return new StuckBitSettings(Target.parse(register), 0, bits);
    }
}
