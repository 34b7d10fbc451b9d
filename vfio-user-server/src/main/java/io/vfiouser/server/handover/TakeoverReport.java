package io.vfiouser.server.handover;

import java.time.Duration;

/// A takeover that has succeeded.
///
/// @param pid of the process that served before
/// @param devices how many went over
/// @param clients how many of them have a client that came along
/// @param pause how long no process served: from the request to stop until the last device ran
public record TakeoverReport(long pid, int devices, int clients, Duration pause) {
    /// One line for people.
    @Override
    public String toString() {
        return "%d devices, %d clients from process %d, pause %.1f ms"
                .formatted(devices, clients, pid, pause.toNanos() / 1e6);
    }
}
