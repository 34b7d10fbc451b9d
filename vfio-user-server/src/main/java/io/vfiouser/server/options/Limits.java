package io.vfiouser.server.options;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A value for each [Limit]. Immutable.
///
/// ```java
/// var limits = Limits.defaults().with(MAX_DMA_REGIONS, 256).with(NEGOTIATION_TIMEOUT, seconds(2));
/// ```
public final class Limits {
    private static final Limits DEFAULTS = new Limits(new EnumMap<>(Limit.class));

    private final EnumMap<Limit, Long> changed;

    private Limits(EnumMap<Limit, Long> changed) {
        this.changed = changed;
    }

    /// Each limit at its [Limit#standard()].
    public static Limits defaults() {
        return DEFAULTS;
    }

    /// The same limits with another value of one of them.
    ///
    /// @param value in the limit's unit
    /// @throws IllegalArgumentException if it is out of the limit's range
    public Limits with(Limit limit, long value) {
        if (value < limit.least() || value > limit.most()) {
            throw new IllegalArgumentException(
                    "%s: %d (expected: %d to %d)"
                            .formatted(limit, value, limit.least(), limit.most()));
        }
        var other = new EnumMap<>(changed);
        if (value == limit.standard()) {
            other.remove(limit);
        } else {
            other.put(limit, value);
        }
        return new Limits(other);
    }

    /// The same limits with another value of a limit of time.
    ///
    /// @throws IllegalArgumentException if it is out of the limit's range, or no limit of time
    public Limits with(Limit limit, Duration value) {
        Objects.requireNonNull(value, limit.toString());
        requireTime(limit);
        if (!value.isPositive()) {
            throw new IllegalArgumentException(limit + ": " + value + " (expected: above zero)");
        }
        return with(limit, value.toNanos());
    }

    /// The value of a limit, in its unit.
    public long of(Limit limit) {
        Long value = changed.get(limit);
        return value == null ? limit.standard() : value;
    }

    /// The value of a limit whose largest value is an `int`.
    public int count(Limit limit) {
        return Math.toIntExact(of(limit));
    }

    /// The value of a limit of time.
    public Duration duration(Limit limit) {
        requireTime(limit);
        return Duration.ofNanos(of(limit));
    }

    /// Bytes of the largest message that a client may send: header, region access structure and
    /// [Limit#MAX_TRANSFER_SIZE] bytes of data.
    public int maxMessageSize() {
        return count(Limit.MAX_TRANSFER_SIZE) + 32;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Limits limits && changed.equals(limits.changed);
    }

    @Override
    public int hashCode() {
        return changed.hashCode();
    }

    /// What differs from the defaults.
    @Override
    public String toString() {
        return changed.toString();
    }

    private static void requireTime(Limit limit) {
        if (limit.unit() != Limit.Unit.NANOSECONDS) {
            throw new IllegalArgumentException(
                    "limit: " + limit + ", in " + limit.unit() + " (expected: one of time)");
        }
    }
}
