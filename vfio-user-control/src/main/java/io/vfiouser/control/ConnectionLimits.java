package io.vfiouser.control;

import java.time.Duration;

/// What callers may take of the control server, so that the devices' process keeps its descriptors
/// and its memory whoever connects.
///
/// @param connections at most at a time; who comes then is closed at once
/// @param time a request may take this long to come, from when the last answer was taken, and its
///   answer this long to be taken
record ConnectionLimits(int connections, Duration time) {
    static final ConnectionLimits DEFAULT = new ConnectionLimits(96, Duration.ofSeconds(30));
}
