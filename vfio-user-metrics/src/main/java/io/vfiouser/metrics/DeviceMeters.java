package io.vfiouser.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.server.observe.CommandStats;
import io.vfiouser.server.observe.DeviceStats;
import io.vfiouser.server.observe.DmaStats;
import io.vfiouser.server.observe.LatencyStats;
import io.vfiouser.server.observe.RegionStats;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/// The meters of one device; they read its last statistics.
final class DeviceMeters implements AutoCloseable {
    /// A bucket for each power of two is enough for a time series.
    private static final int BUCKETS_PER_SERIES = 4;

    private static final double NANOS = 1e9;

    private final MeterRegistry registry;
    private final Tags device;
    private final List<Meter> meters = new ArrayList<>();
    private final Set<List<String>> known = new HashSet<>();
    private volatile DeviceStats stats =
            new DeviceStats(
                    "",
                    false,
                    0,
                    0,
                    0,
                    0,
                    false,
                    List.of(),
                    List.of(),
                    Map.of(),
                    new DmaStats(0, 0, 0, 0));

    DeviceMeters(MeterRegistry registry, String name) {
        this.registry = registry;
        this.device = Tags.of("device", name);
        gauge(Metric.ATTACHED, s -> s.attached() ? 1 : 0);
        counter(Metric.SESSIONS, device, DeviceStats::sessions);
        counter(Metric.CONNECTIONS_REFUSED, device, DeviceStats::connectionsRefused);
        counter(Metric.FAILURES, device, DeviceStats::failures);
        counter(Metric.LOOP_HELD, device, DeviceStats::loopHeld);
        gauge(Metric.GIVEN_UP, s -> s.givenUp() ? 1 : 0);
        gauge(Metric.DMA_REGIONS, s -> s.dma().regions());
        gauge(Metric.DMA_MEMORY, s -> s.dma().bytes());
        counter(Metric.DMA_BYTES, device.and("operation", "read"), s -> s.dma().bytesRead());
        counter(Metric.DMA_BYTES, device.and("operation", "write"), s -> s.dma().bytesWritten());
    }

    void update(DeviceStats now) {
        stats = now;
        now.commands().forEach(command -> addCommand(command.name()));
        now.regions().forEach(region -> addRegion(region.index(), region.name()));
        now.interrupts().keySet().forEach(this::addInterrupts);
    }

    private void addCommand(String name) {
        if (!known.add(List.of("command", name))) {
            return;
        }
        Tags tags = device.and("command", name);
        counter(Metric.COMMANDS, tags, s -> command(s, name).count());
        counter(Metric.COMMAND_ERRORS, tags, s -> command(s, name).errors());
        meters.add(
                FunctionTimer.builder(
                                Metric.COMMAND_DURATION.meter(),
                                this,
                                self -> command(self.stats, name).latency().count(),
                                self -> command(self.stats, name).latency().totalNanos(),
                                TimeUnit.NANOSECONDS)
                        .description(Metric.COMMAND_DURATION.description())
                        .tags(tags)
                        .register(registry));
        for (int i = 0; i < LatencyStats.BUCKETS - 1; i += BUCKETS_PER_SERIES) {
            int bucket = i;
            bucketCounter(
                    tags.and("le", Double.toString(LatencyStats.boundNanos(bucket) / NANOS)),
                    s -> command(s, name).latency().countBelowBoundOf(bucket));
        }
        bucketCounter(tags.and("le", "+Inf"), s -> command(s, name).latency().count());
    }

    private void bucketCounter(Tags tags, ToDoubleFunction<DeviceStats> value) {
        counter(Metric.COMMAND_DURATION_BUCKETS, tags, value);
    }

    private void addRegion(int index, String name) {
        if (!known.add(List.of("region", name))) {
            return;
        }
        Tags reads = device.and("region", name, "operation", "read");
        Tags writes = device.and("region", name, "operation", "write");
        counter(Metric.ACCESSES, reads, s -> region(s, index, RegionStats::reads));
        counter(Metric.ACCESSES, writes, s -> region(s, index, RegionStats::writes));
        counter(Metric.ACCESS_BYTES, reads, s -> region(s, index, RegionStats::bytesRead));
        counter(Metric.ACCESS_BYTES, writes, s -> region(s, index, RegionStats::bytesWritten));
    }

    private void addInterrupts(IrqIndex index) {
        if (known.add(List.of("interrupts", index.name()))) {
            counter(
                    Metric.INTERRUPTS,
                    device.and("type", index.name()),
                    s -> s.interrupts().getOrDefault(index, 0L));
        }
    }

    private void gauge(Metric metric, ToDoubleFunction<DeviceStats> value) {
        meters.add(
                Gauge.builder(metric.meter(), this, self -> value.applyAsDouble(self.stats))
                        .description(metric.description())
                        .baseUnit(metric.unit().isEmpty() ? null : metric.unit())
                        .tags(device)
                        .register(registry));
    }

    private void counter(Metric metric, Tags tags, ToDoubleFunction<DeviceStats> value) {
        meters.add(
                FunctionCounter.builder(
                                metric.meter(), this, self -> value.applyAsDouble(self.stats))
                        .description(metric.description())
                        .baseUnit(metric.unit().isEmpty() ? null : metric.unit())
                        .tags(tags)
                        .register(registry));
    }

    private static CommandStats command(DeviceStats stats, String name) {
        return stats.commands().stream()
                .filter(command -> command.name().equals(name))
                .findFirst()
                .orElseGet(() -> new CommandStats(name, 0, 0, LatencyStats.NONE));
    }

    private static double region(
            DeviceStats stats, int index, ToDoubleFunction<RegionStats> value) {
        return stats.regions().stream()
                .filter(region -> region.index() == index)
                .mapToDouble(value)
                .sum();
    }

    @Override
    public void close() {
        meters.forEach(registry::remove);
    }
}
