package io.vfiouser.control;

import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.filters.FilteredRegion;
import io.vfiouser.protocol.Command.Direction;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.observe.CommandStats;
import io.vfiouser.server.observe.DeviceStats;
import io.vfiouser.server.observe.DeviceView;
import io.vfiouser.server.observe.IrqView;
import io.vfiouser.server.observe.LatencyStats;
import io.vfiouser.server.observe.LoopStats;
import io.vfiouser.server.observe.RegionStats;
import io.vfiouser.trace.TraceEntry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What goes out as JSON. Addresses are texts, as JSON numbers have 53 bits.
final class Views {
    private Views() {}

    static Map<String, Object> summary(ServedDevice device) {
        var map = new LinkedHashMap<String, Object>();
        var id = device.layout().id();
        map.put("name", device.name());
        map.put("endpoint", device.endpoint().toString());
        map.put("vendor", id.vendor());
        map.put("device", id.device());
        map.put("attached", device.clientAttached());
        map.put("loop", device.loop());
        device.givenUp().ifPresent(reason -> map.put("givenUp", reason));
        return map;
    }

    static Map<String, Object> loop(LoopStats loop) {
        return Map.of(
                "number", loop.number(),
                "thread", loop.thread(),
                "devices", loop.devices(),
                "busy", loop.busy(),
                "cpuSeconds", loop.cpuTime().toNanos() / 1e9,
                "calls", loop.calls());
    }

    static Map<String, Object> stats(DeviceStats stats) {
        var map = new LinkedHashMap<String, Object>();
        map.put("attached", stats.attached());
        map.put("sessions", stats.sessions());
        map.put("connectionsRefused", stats.connectionsRefused());
        map.put("failures", stats.failures());
        map.put("loopHeld", stats.loopHeld());
        map.put("givenUp", stats.givenUp());
        map.put("commands", stats.commands().stream().map(Views::command).toList());
        map.put("regions", stats.regions().stream().map(Views::region).toList());
        var interrupts = new LinkedHashMap<String, Object>();
        stats.interrupts().forEach((index, count) -> interrupts.put(index.name(), count));
        map.put("interrupts", interrupts);
        map.put(
                "dma",
                Map.of(
                        "regions", stats.dma().regions(),
                        "bytes", stats.dma().bytes(),
                        "bytesRead", stats.dma().bytesRead(),
                        "bytesWritten", stats.dma().bytesWritten()));
        return map;
    }

    static Map<String, Object> latency(LatencyStats latency) {
        return Map.of(
                "count", latency.count(),
                "mean", latency.meanNanos(),
                "p50", latency.quantileNanos(0.5),
                "p99", latency.quantileNanos(0.99),
                "max", latency.maxNanos());
    }

    private static Map<String, Object> command(CommandStats command) {
        return Map.of(
                "name", command.name(),
                "count", command.count(),
                "errors", command.errors(),
                "latency", latency(command.latency()));
    }

    private static Map<String, Object> region(RegionStats region) {
        return Map.of(
                "index", region.index(),
                "name", region.name(),
                "reads", region.reads(),
                "bytesRead", region.bytesRead(),
                "readLatency", latency(region.readLatency()),
                "writes", region.writes(),
                "bytesWritten", region.bytesWritten(),
                "writeLatency", latency(region.writeLatency()));
    }

    static Map<String, Object> view(DeviceView view) {
        var map = new LinkedHashMap<String, Object>();
        view.client()
                .ifPresent(client ->
                        map.put(
                                "client",
                                Map.of(
                                        "session", client.session(),
                                        "since", client.since().toString(),
                                        "version", client.version(),
                                        "held", client.held())));
        map.put("config", view.config());
        map.put("memory", view.memory().stream().map(Views::range).toList());
        map.put("irqs", view.irqs().stream().map(Views::irq).toList());
        map.put("migration", view.migration().name());
        return map;
    }

    private static Map<String, Object> range(DmaRange range) {
        return Map.of(
                "iova", "0x" + Long.toHexString(range.iova()),
                "length", "0x" + Long.toHexString(range.length()),
                "readable", range.readable(),
                "writable", range.writable(),
                "mapped", range.direct());
    }

    private static Map<String, Object> irq(IrqView irq) {
        return Map.of(
                "index", irq.index().name(),
                "vector", irq.vector(),
                "armed", irq.armed(),
                "masked", irq.masked(),
                "pending", irq.pending(),
                "count", irq.count());
    }

    /// Regions with their registers by name.
    static List<Map<String, Object>> registers(ServedDevice device) {
        return FilteredRegion.of(device.layout()).stream()
                .map(region ->
                        Map.<String, Object>of(
                                "index", region.index(),
                                "name", region.name(),
                                "size", region.size(),
                                "registers",
                                        region.registers().stream()
                                                .map(register ->
                                                        Map.of(
                                                                "offset", register.offset(),
                                                                "width", register.width(),
                                                                "name", register.name()))
                                                .toList()))
                .toList();
    }

    static Map<String, Object> trace(TraceEntry entry) {
        var map = new LinkedHashMap<String, Object>();
        map.put("t", entry.sinceStart().toNanos() / 1e9);
        map.put("session", entry.session());
        map.put("id", entry.messageId());
        map.put("toDevice", entry.direction() == Direction.CLIENT_TO_SERVER);
        map.put("reply", entry.reply());
        map.put("command", entry.command());
        entry.error().ifPresent(errno -> map.put("error", errno.toString()));
        entry.access()
                .ifPresent(access -> {
                    map.put("region", access.region());
                    map.put("offset", "0x" + Long.toHexString(access.offset()));
                    map.put("count", access.count());
                    access.register().ifPresent(name -> map.put("register", name));
                    access.value().ifPresent(value -> map.put("value", value));
                });
        if (!entry.details().isEmpty()) {
            map.put("details", entry.details());
        }
        entry.took().ifPresent(took -> map.put("took", took.toNanos() / 1e3));
        return map;
    }
}
