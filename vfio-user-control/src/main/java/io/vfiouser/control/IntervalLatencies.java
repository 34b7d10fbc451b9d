package io.vfiouser.control;

import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.observe.CommandStats;
import io.vfiouser.server.observe.LatencyStats;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// Latencies of accesses to each device in about the last two seconds, however often somebody asks.
final class IntervalLatencies {
    private static final long INTERVAL = TimeUnit.SECONDS.toNanos(1);

    private final LongSupplier clock;
    private final Map<String, LatencyStats> before = new HashMap<>();
    private final Map<String, LatencyStats> atStart = new HashMap<>();
    private long start;

    IntervalLatencies() {
        this(System::nanoTime);
    }

    IntervalLatencies(LongSupplier clock) {
        this.clock = clock;
        this.start = clock.getAsLong();
    }

    /// Count, 50th and 99th percentile and so on, by device.
    Map<String, Object> since(List<ServedDevice> devices) {
        var now = new HashMap<String, LatencyStats>();
        for (ServedDevice device : devices) {
            now.put(device.name(), accesses(device.stats().commands()));
        }
        return since(now);
    }

    Map<String, Object> since(Map<String, LatencyStats> now) {
        long time = clock.getAsLong();
        if (time - start >= INTERVAL) {
            start = time;
            before.clear();
            before.putAll(atStart);
            atStart.clear();
            atStart.putAll(now);
        }
        var map = new LinkedHashMap<String, Object>();
        now.forEach((device, stats) ->
                map.put(
                        device,
                        Views.latency(
                                stats.since(before.getOrDefault(device, LatencyStats.NONE)))));
        return map;
    }

    private static LatencyStats accesses(List<CommandStats> commands) {
        return commands.stream()
                .filter(command -> command.name().startsWith("REGION_"))
                .map(CommandStats::latency)
                .reduce(LatencyStats.NONE, LatencyStats::plus);
    }
}
