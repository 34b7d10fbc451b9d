package io.vfiouser.transport;

import java.time.Duration;
import java.util.Objects;

/// How long an event loop keeps asking for work after the last before it sleeps.
///
/// A sleeping loop has to be woken by the kernel, 5 to 50 µs on an idle CPU; one that asks answers
/// at once, and takes all of its CPU while it does.
///
/// @param time zero or more
public record BusyPoll(Duration time) {
    /// Sleeps as soon as there is nothing to do.
    public static final BusyPoll NEVER = new BusyPoll(Duration.ZERO);

    /// Never sleeps: a whole CPU for each loop, always.
    public static final BusyPoll ALWAYS = new BusyPoll(Duration.ofSeconds(Long.MAX_VALUE));

    /// Checks the time.
    public BusyPoll {
        Objects.requireNonNull(time, "time");
        if (time.isNegative()) {
            throw new IllegalArgumentException("time: " + time + " (expected: zero or more)");
        }
    }

    /// Sleeps once there has been nothing to do for `time`. A client that asks again within it is
    /// answered without a wake-up; idle loops cost nothing.
    ///
    /// @param time zero or more
    public static BusyPoll lasting(Duration time) {
        return new BusyPoll(time);
    }

    /// Whether a loop never sleeps.
    public boolean isAlways() {
        return time.equals(ALWAYS.time);
    }

    long nanos() {
        return isAlways() ? LoopHandler.ALWAYS : time.toNanos();
    }

    @Override
    public String toString() {
        return isAlways() ? "always" : time.isZero() ? "never" : time.toString();
    }
}
