package io.vfiouser.cli.bench;

import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/// What a benchmark found.
///
/// @param plan what was measured
/// @param doorbellsMapped whether doorbells went through the mapping, not by messages
/// @param commands that ended while measuring
/// @param reads Read commands sent, those before and after measuring included
/// @param writes Write commands sent, those before and after measuring and of filling included
/// @param iops commands per second
/// @param latencies of the measured commands, in nanoseconds
/// @param allocatedPerCommand bytes of heap that the loading threads allocated for each command
/// @param clientCores cores that this process kept busy; empty if unknown
/// @param serverPid process id of the server; 0 if it cannot be seen from here
/// @param serverCores cores that the server kept busy; empty if unknown
public record BenchReport(
        BenchPlan plan,
        boolean doorbellsMapped,
        long commands,
        long reads,
        long writes,
        double iops,
        Histogram latencies,
        double allocatedPerCommand,
        OptionalDouble clientCores,
        long serverPid,
        OptionalDouble serverCores) {
    /// Bytes per second.
    public double throughput() {
        return iops * plan.size();
    }
}
