package io.vfiouser.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.vfiouser.server.observe.LoopStats;
import java.util.ArrayList;
import java.util.List;

/// The meters of a server's event loops; they read their last statistics.
final class LoopMeters implements AutoCloseable {
    private static final double NANOS = 1e9;

    private final MeterRegistry registry;
    private final List<Meter> meters = new ArrayList<>();
    private volatile List<LoopStats> loops;

    LoopMeters(MeterRegistry registry, List<LoopStats> loops) {
        this.registry = registry;
        this.loops = loops;
        for (LoopStats loop : loops) {
            add(loop.number());
        }
    }

    void update(List<LoopStats> now) {
        loops = now;
    }

    private void add(int number) {
        Tags tags = Tags.of("loop", Integer.toString(number));
        meters.add(
                Gauge.builder(
                                Metric.LOOP_DEVICES.meter(),
                                this,
                                self -> self.loops.get(number).devices())
                        .description(Metric.LOOP_DEVICES.description())
                        .tags(tags)
                        .register(registry));
        meters.add(
                FunctionCounter.builder(
                                Metric.LOOP_CPU.meter(),
                                this,
                                self -> self.loops.get(number).cpuTime().toNanos() / NANOS)
                        .description(Metric.LOOP_CPU.description())
                        .baseUnit(Metric.LOOP_CPU.unit())
                        .tags(tags)
                        .register(registry));
        meters.add(
                FunctionCounter.builder(
                                Metric.LOOP_CALLS.meter(),
                                this,
                                self -> self.loops.get(number).calls())
                        .description(Metric.LOOP_CALLS.description())
                        .tags(tags)
                        .register(registry));
    }

    @Override
    public void close() {
        meters.forEach(registry::remove);
    }
}
