package io.vfiouser.cli.bench;

import io.vfiouser.cli.text.JsonText;
import java.util.Locale;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;
import tools.jackson.core.JsonGenerator;

/// A report for programs: one JSON object on one line.
public final class BenchJson {
    private static final double NANOS = 1e9;

    private BenchJson() {}

    /// The line, without its end.
    public static String line(BenchReport report) {
        BenchPlan plan = report.plan();
        return JsonText.object(json -> {
            json.writeStringProperty("workload", plan.workload().name().toLowerCase(Locale.ROOT));
            json.writeNumberProperty("size", plan.size());
            json.writeNumberProperty("depth", plan.depth());
            json.writeNumberProperty("queues", plan.queues());
            json.writeStringProperty("mode", plan.mode().name().toLowerCase(Locale.ROOT));
            json.writeStringProperty("doorbells", report.doorbellsMapped() ? "mapped" : "posted");
            json.writeNumberProperty("seconds", plan.duration().toNanos() / NANOS);
            json.writeNumberProperty("iops", report.iops());
            json.writeNumberProperty("bytesPerSecond", report.throughput());
            writeLatencies(json, report.latencies());
            writeCores(json, "clientCores", report.clientCores());
            writeCores(json, "serverCores", report.serverCores());
            json.writeNumberProperty("serverPid", report.serverPid());
            json.writeNumberProperty("clientBytesPerCommand", report.allocatedPerCommand());
            json.writeNumberProperty("commands", report.commands());
            json.writeNumberProperty("reads", report.reads());
            json.writeNumberProperty("writes", report.writes());
        });
    }

    private static void writeLatencies(JsonGenerator json, Histogram times) {
        json.writeObjectPropertyStart("latencyNanos");
        json.writeNumberProperty("mean", times.getMean());
        json.writeNumberProperty("p50", times.getValueAtPercentile(50));
        json.writeNumberProperty("p99", times.getValueAtPercentile(99));
        json.writeNumberProperty("p99.9", times.getValueAtPercentile(99.9));
        json.writeNumberProperty("max", times.getMaxValue());
        json.writeEndObject();
    }

    private static void writeCores(JsonGenerator json, String name, OptionalDouble cores) {
        if (cores.isPresent()) {
            json.writeNumberProperty(name, cores.getAsDouble());
        } else {
            json.writeNullProperty(name);
        }
    }
}
