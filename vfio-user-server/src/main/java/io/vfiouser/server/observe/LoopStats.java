package io.vfiouser.server.observe;

import java.time.Duration;

/// What one event loop of a server has to do.
///
/// @param number 0 to the count of loops - 1, in the order of their CPUs if they are kept on some
/// @param thread the name of its thread
/// @param devices how many devices are on it
/// @param busy CPU time of its thread over time, 0 to 1, since it was last looked at a second ago
///   or longer. A loop that polls takes all of its CPU whatever it does
/// @param cpuTime CPU time of its thread, ever
/// @param calls how often it ran code of a device, ever
public record LoopStats(
        int number, String thread, int devices, double busy, Duration cpuTime, long calls) {}
