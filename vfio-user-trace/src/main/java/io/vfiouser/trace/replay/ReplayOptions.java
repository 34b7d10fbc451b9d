package io.vfiouser.trace.replay;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What is played, and how.
///
/// @param device the name in the recording; empty for the first one
/// @param session counts the clients of the device; 0 for the first that is in the recording
/// @param keepTiming whether messages are sent at the distances at which they were recorded, or as
///   soon as what came before them is answered
/// @param timeout how long each message of the server may take
/// @param ignored places whose values may differ, such as `BAR0 TIME`, `BAR2+0x10`, `config STATUS`
public record ReplayOptions(
        Optional<String> device,
        long session,
        boolean keepTiming,
        Duration timeout,
        Set<String> ignored) {
    /// The first session of the first device, as fast as it goes.
    public static final ReplayOptions DEFAULTS =
            new ReplayOptions(Optional.empty(), 0, false, Duration.ofSeconds(5), Set.of());

    /// Checks the fields.
    public ReplayOptions {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(timeout, "timeout");
        ignored = Set.copyOf(ignored);
        if (session < 0) {
            throw new IllegalArgumentException("session: " + session + " (expected: at least 0)");
        }
    }

    /// The same for one session of one device.
    public ReplayOptions of(String name, long number) {
        return new ReplayOptions(Optional.of(name), number, keepTiming, timeout, ignored);
    }

    /// The same for another session; 0 for the first.
    public ReplayOptions withSession(long number) {
        return new ReplayOptions(device, number, keepTiming, timeout, ignored);
    }

    /// The same with values that may differ.
    public ReplayOptions ignoring(Set<String> places) {
        return new ReplayOptions(device, session, keepTiming, timeout, places);
    }

    /// The same at the recorded distances, or not.
    public ReplayOptions withTiming(boolean kept) {
        return new ReplayOptions(device, session, kept, timeout, ignored);
    }

    /// The same with another patience.
    public ReplayOptions withTimeout(Duration patience) {
        return new ReplayOptions(device, session, keepTiming, patience, ignored);
    }
}
