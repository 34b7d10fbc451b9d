package io.vfiouser.cli.bench;

import io.vfiouser.cli.text.ByteSize;
import io.vfiouser.cli.text.Durations;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/// A report for people.
public final class BenchText {
    private static final double MICRO = 1_000;
    private static final double MEGA = 1e6;

    private BenchText() {}

    /// Its lines.
    public static List<String> lines(BenchReport report) {
        BenchPlan plan = report.plan();
        Histogram times = report.latencies();
        return List.of(
                "%s %s, depth %d, %d queue%s, %s, doorbells %s, %s"
                        .formatted(
                                plan.workload().name().toLowerCase(Locale.ROOT),
                                ByteSize.format(plan.size()),
                                plan.depth(),
                                plan.queues(),
                                plan.queues() == 1 ? "" : "s",
                                plan.mode().name().toLowerCase(Locale.ROOT),
                                report.doorbellsMapped() ? "mapped" : "posted",
                                Durations.format(plan.duration())),
                "IOPS          %.0f".formatted(report.iops()),
                "throughput    %.1f MB/s".formatted(report.throughput() / MEGA),
                "latency       mean %.2f us, p50 %.2f, p99 %.2f, p99.9 %.2f, max %.2f"
                        .formatted(
                                times.getMean() / MICRO,
                                micros(times, 50),
                                micros(times, 99),
                                micros(times, 99.9),
                                times.getMaxValue() / MICRO),
                "CPU           %s here, %s in the server (pid %s)"
                        .formatted(
                                cores(report.clientCores()),
                                cores(report.serverCores()),
                                report.serverPid() == 0 ? "unknown" : report.serverPid()),
                "heap          %.2f bytes a command here".formatted(report.allocatedPerCommand()),
                "commands      %d measured; %d reads, %d writes in all"
                        .formatted(report.commands(), report.reads(), report.writes()));
    }

    private static double micros(Histogram times, double percentile) {
        return times.getValueAtPercentile(percentile) / MICRO;
    }

    private static String cores(OptionalDouble cores) {
        return cores.isPresent() ? "%.1f %%".formatted(100 * cores.getAsDouble()) : "unknown";
    }
}
