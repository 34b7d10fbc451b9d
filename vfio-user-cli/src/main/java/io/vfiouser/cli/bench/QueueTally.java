package io.vfiouser.cli.bench;

import org.HdrHistogram.Histogram;

/// What one queue did.
///
/// @param measured commands that ended while measuring
/// @param reads Read commands, from the first to the last
/// @param writes Write commands, from the first to the last
/// @param nanos how long was measured
/// @param allocated bytes of heap that its thread allocated while measuring
/// @param latencies nanoseconds of the measured commands
/// @param failure status of the first command that failed; 0 if none did
record QueueTally(
        long measured,
        long reads,
        long writes,
        long nanos,
        long allocated,
        Histogram latencies,
        int failure) {}
