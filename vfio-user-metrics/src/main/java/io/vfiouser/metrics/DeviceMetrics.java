package io.vfiouser.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.observe.ServerListener;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The meters of a server's event loops and of all its devices: those that are there, and those
/// that come later. Meters of a device that is closed are removed at the next [#refresh()].
///
/// ```java
/// var metrics = new DeviceMetrics(server);
/// metrics.bindTo(registry);
/// ```
///
/// Meters of commands, regions and interrupts appear when there is something to count: call
/// [#refresh()] before each scrape, as [io.vfiouser.server.observe.DeviceStats] is only then looked
/// at. Reading takes nothing from the devices' event loops. Closing it removes the meters; the
/// server goes on.
public final class DeviceMetrics implements MeterBinder, AutoCloseable {
    private final VfioUserServer server;
    private final Map<String, DeviceMeters> devices = new ConcurrentHashMap<>();

    /// Told on event loops, which must not wait for a refresh.
    private final Set<String> gone = ConcurrentHashMap.newKeySet();

    private final ServerListener goneDevices =
            new ServerListener() {
                @Override
                public void deviceClosed(String device) {
                    if (devices.containsKey(device)) {
                        gone.add(device);
                    }
                }
            };
    private @Nullable MeterRegistry registry;
    private @Nullable LoopMeters loops;
    private boolean closed;

    /// Metrics of a server, for one registry.
    public DeviceMetrics(VfioUserServer server) {
        this.server = Objects.requireNonNull(server, "server");
    }

    /// @throws IllegalStateException if it is bound already, or closed
    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        if (closed) {
            throw new IllegalStateException("metrics: closed (expected: open)");
        }
        if (this.registry != null) {
            throw new IllegalStateException("metrics: bound (expected: one registry)");
        }
        this.registry = Objects.requireNonNull(registry, "registry");
        loops = new LoopMeters(registry, server.loops());
        server.addListener(goneDevices);
        refresh();
    }

    /// Makes the meters that have become necessary since the last time, and removes those of
    /// devices that are closed. Does nothing before [#bindTo] and after [#close()].
    public synchronized void refresh() {
        MeterRegistry current = registry;
        if (current == null || closed) {
            return;
        }
        for (Iterator<String> names = gone.iterator(); names.hasNext(); ) {
            String name = names.next();
            names.remove();
            forget(name);
        }
        if (loops != null) {
            loops.update(server.loops());
        }
        for (var device : server.devices()) {
            devices.computeIfAbsent(device.name(), name -> new DeviceMeters(current, name))
                    .update(device.stats());
        }
        for (String name : new ArrayList<>(devices.keySet())) {
            if (server.device(name).isEmpty()) {
                forget(name);
            }
        }
    }

    private void forget(String device) {
        DeviceMeters meters = devices.remove(device);
        if (meters != null) {
            meters.close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        server.removeListener(goneDevices);
        devices.values().forEach(DeviceMeters::close);
        devices.clear();
        if (loops != null) {
            loops.close();
        }
    }
}
