package io.vfiouser.cli;

import io.vfiouser.cli.failure.UsageException;
import io.vfiouser.cli.text.Quoted;

/// Numbers as options have them.
final class Numbers {
    private Numbers() {}

    /// A number in decimal or hex.
    ///
    /// @param option named in the error
    /// @throws UsageException if it is none
    static long decode(String option, String text) {
        try {
            return Long.decode(text);
        } catch (NumberFormatException e) {
            throw new UsageException(
                    "%s: %s (expected: a number, for example 7 or 0x5eed)"
                            .formatted(option, Quoted.of(text)),
                    e);
        }
    }
}
