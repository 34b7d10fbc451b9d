package io.vfiouser.testkit.hammer;

import java.time.Duration;
import java.util.Objects;

/// How to hammer.
///
/// @param seed the same seed makes the same blows, as long as the server answers the same
/// @param steps most blows, at least 1
/// @param duration most time
/// @param timeout how long an answer may take
/// @param writing whether regions are written to
/// @param hostile whether the client also sends what no client should: bytes without sense, half
///   messages, descriptors of odd kinds; and vanishes in the middle
public record HammerOptions(
        long seed,
        long steps,
        Duration duration,
        Duration timeout,
        boolean writing,
        boolean hostile) {
    /// Ten seconds, writing, with 5 s for each answer, not hostile; seed 1.
    public static final HammerOptions DEFAULTS =
            new HammerOptions(
                    1, Long.MAX_VALUE, Duration.ofSeconds(10), Duration.ofSeconds(5), true, false);

    /// Checks the values.
    ///
    /// @throws IllegalArgumentException for less than one step, or times that are not positive
    public HammerOptions {
        Objects.requireNonNull(duration, "duration");
        Objects.requireNonNull(timeout, "timeout");
        if (steps < 1) {
            throw new IllegalArgumentException("steps: " + steps + " (expected: at least 1)");
        }
        if (!duration.isPositive() || !timeout.isPositive()) {
            throw new IllegalArgumentException(
                    "duration: %s, timeout: %s (expected: more than 0)"
                            .formatted(duration, timeout));
        }
    }

    /// The same with another seed.
    public HammerOptions withSeed(long seed) {
        return new HammerOptions(seed, steps, duration, timeout, writing, hostile);
    }

    /// The same for a number of blows, however long they take.
    public HammerOptions withSteps(long steps) {
        return new HammerOptions(seed, steps, Duration.ofDays(365), timeout, writing, hostile);
    }

    /// The same for a time.
    public HammerOptions withDuration(Duration duration) {
        return new HammerOptions(seed, steps, duration, timeout, writing, hostile);
    }

    /// The same with another patience.
    public HammerOptions withTimeout(Duration timeout) {
        return new HammerOptions(seed, steps, duration, timeout, writing, hostile);
    }

    /// The same with or without writes to regions.
    public HammerOptions withWriting(boolean writing) {
        return new HammerOptions(seed, steps, duration, timeout, writing, hostile);
    }

    /// The same with or without what no client should do.
    public HammerOptions withHostile(boolean hostile) {
        return new HammerOptions(seed, steps, duration, timeout, writing, hostile);
    }
}
