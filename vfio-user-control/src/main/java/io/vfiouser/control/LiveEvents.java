package io.vfiouser.control;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.Future;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.VfioUserServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What watchers are sent as it happens: statistics each half second, and the trace of the device
/// that they look at. Nothing is gathered while nobody watches. Belongs to the control server's
/// loop.
final class LiveEvents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LiveEvents.class);
    private static final int TICK_MILLIS = 100;
    private static final int TICKS_PER_STATS = 5;
    private static final int MAX_WATCHERS = 32;

    private final VfioUserServer server;
    private final ControlApi api;
    private final EventLoop loop;
    private final List<Watcher> watchers = new ArrayList<>();
    private final Map<ServedDevice, DeviceTrace> traces = new HashMap<>();
    private final IntervalLatencies latencies = new IntervalLatencies();
    private @Nullable Future<?> timer;
    private int tick;

    LiveEvents(VfioUserServer server, ControlApi api, EventLoop loop) {
        this.server = server;
        this.api = api;
        this.loop = loop;
    }

    /// Sends events on a connection until it is closed.
    ///
    /// @param traced name of the device whose trace is wanted, or empty
    void open(Channel channel, String traced) {
        if (watchers.size() >= MAX_WATCHERS) {
            throw new ApiException(
                    HttpResponseStatus.TOO_MANY_REQUESTS,
                    "watchers: "
                            + watchers.size()
                            + " (expected: fewer than "
                            + MAX_WATCHERS
                            + ")");
        }
        var watcher = new Watcher(channel, traced);
        watchers.add(watcher);
        channel.closeFuture().addListener(_ -> remove(watcher));
        watcher.start();
        watcher.send("stats", statistics());
        if (timer == null) {
            timer =
                    loop.scheduleAtFixedRate(
                            this::tickSafely, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private void remove(Watcher watcher) {
        watchers.remove(watcher);
        tapWhatIsWatched();
        if (watchers.isEmpty() && timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    /// What a tick throws would end all later ones.
    private void tickSafely() {
        try {
            tick();
        } catch (RuntimeException e) {
            LOG.error("control: events", e);
        }
    }

    private void tick() {
        tapWhatIsWatched();
        // Copies, as a watcher that has gone is taken off the list while it is being written to.
        Map.copyOf(traces)
                .forEach((device, trace) -> {
                    var batch = trace.drain();
                    if (!batch.isEmpty()) {
                        List.copyOf(watchers).stream()
                                .filter(watcher -> watcher.traced().equals(device.name()))
                                .forEach(watcher -> watcher.send("trace", batch));
                    }
                });
        tick++;
        if (tick % TICKS_PER_STATS == 0) {
            var statistics = statistics();
            List.copyOf(watchers).forEach(watcher -> watcher.send("stats", statistics));
        }
    }

    private Map<String, Object> statistics() {
        var map = new LinkedHashMap<String, Object>();
        map.put("time", System.currentTimeMillis() / 1e3);
        map.put("devices", api.overview());
        map.put("latency", latencies.since(api.devices()));
        return map;
    }

    private void tapWhatIsWatched() {
        traces.entrySet()
                .removeIf(entry -> {
                    boolean watched =
                            watchers.stream()
                                            .anyMatch(w -> w.traced().equals(entry.getKey().name()))
                                    && server.device(entry.getKey().name())
                                            .filter(entry.getKey()::equals)
                                            .isPresent();
                    if (!watched) {
                        entry.getValue().close();
                    }
                    return !watched;
                });
        for (Watcher watcher : watchers) {
            server.device(watcher.traced())
                    .ifPresent(device -> traces.computeIfAbsent(device, DeviceTrace::new));
        }
    }

    @Override
    public void close() {
        loop.submit(
                        () -> {
                            if (timer != null) {
                                timer.cancel(false);
                            }
                            traces.values().forEach(DeviceTrace::close);
                            traces.clear();
                            List.copyOf(watchers).forEach(Watcher::close);
                        })
                .awaitUninterruptibly();
    }
}
