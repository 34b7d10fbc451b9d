package io.vfiouser.cli.text;

import io.vfiouser.cli.failure.UsageException;

/// Whole numbers that an option takes.
///
/// @param least the smallest
/// @param most the largest
public record IntRange(int least, int most) {
    /// The number that `text` stands for.
    ///
    /// @param name who has the value, for the message
    /// @throws UsageException if it is no number of the range
    public int parse(String name, String text) {
        try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new UsageException(message(name, text), e);
        }
        throw new UsageException(message(name, text));
    }

    private String message(String name, String text) {
        return "%s: %s (expected: a number, %d to %d)"
                .formatted(name, Quoted.of(text), least, most);
    }
}
