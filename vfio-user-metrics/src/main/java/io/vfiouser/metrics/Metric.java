package io.vfiouser.metrics;

import java.util.List;

/// One of the meters that [DeviceMetrics] makes.
public enum Metric {
    /// Whether a client is there.
    ATTACHED("vfio.user.attached", "", "1 while a client is there, else 0", "device"),
    /// Clients so far.
    SESSIONS("vfio.user.sessions", "", "clients that have negotiated", "device"),
    /// Connections that may not be clients.
    CONNECTIONS_REFUSED(
            "vfio.user.connections.refused",
            "",
            "connections of those who may not be clients, or not now",
            "device"),
    /// Exceptions of device code.
    FAILURES(
            "vfio.user.failures",
            "",
            "times that code of the device threw what it should not",
            "device"),
    /// Times the watchdog found the device's code.
    LOOP_HELD(
            "vfio.user.loop.held",
            "",
            "times that code of the device was found to hold its loop for longer than"
                    + " `callbackTime`",
            "device"),
    /// Whether the device was given up.
    GIVEN_UP("vfio.user.given.up", "", "1 if the device was given up, else 0", "device"),
    /// Commands.
    COMMANDS("vfio.user.commands", "", "commands that came", "device", "command"),
    /// Refused commands.
    COMMAND_ERRORS(
            "vfio.user.command.errors",
            "",
            "commands that were answered with an error, or would have been",
            "device",
            "command"),
    /// Latency as a timer: how many were timed, and their sum.
    COMMAND_DURATION(
            "vfio.user.command.duration",
            "seconds",
            "how long commands took, from their beginning until the reply is there; about one of"
                    + " sixteen short accesses is timed, and all others are",
            "device",
            "command"),
    /// Latency as cumulative buckets.
    COMMAND_DURATION_BUCKETS(
            "vfio.user.command.duration.below",
            "",
            "how many of the timed commands took less than `le` seconds",
            "device",
            "command",
            "le"),
    /// Region accesses.
    ACCESSES(
            "vfio.user.accesses",
            "",
            "accesses to a region by messages; `operation` is read or write",
            "device",
            "region",
            "operation"),
    /// Bytes of region accesses.
    ACCESS_BYTES(
            "vfio.user.access.bytes",
            "bytes",
            "bytes of the accesses to a region by messages",
            "device",
            "region",
            "operation"),
    /// Interrupts.
    INTERRUPTS(
            "vfio.user.interrupts",
            "",
            "interrupts signalled to the client, by type (INTX, MSI, MSIX, ERR, REQ)",
            "device",
            "type"),
    /// Known client memory, regions.
    DMA_REGIONS(
            "vfio.user.dma.regions", "", "DMA regions that the client has made known", "device"),
    /// Known client memory, bytes.
    DMA_MEMORY("vfio.user.dma.memory", "bytes", "bytes of those DMA regions", "device"),
    /// Used client memory.
    DMA_BYTES(
            "vfio.user.dma.bytes",
            "bytes",
            "bytes that the device has leased or copied; `operation` is read or write",
            "device",
            "operation"),
    /// Devices of a loop.
    LOOP_DEVICES("vfio.user.loop.devices", "", "devices on the event loop", "loop"),
    /// CPU time of a loop.
    LOOP_CPU(
            "vfio.user.loop.cpu",
            "seconds",
            "CPU time of the event loop's thread; its rate is how busy it is, unless it polls",
            "loop"),
    /// Calls of device code on a loop.
    LOOP_CALLS(
            "vfio.user.loop.calls",
            "",
            "times that the event loop ran code of a device; commands, doorbells, tasks, timers",
            "loop");

    private final String meter;
    private final String unit;
    private final String description;
    private final String tags;

    Metric(String meter, String unit, String description, String... tags) {
        this.meter = meter;
        this.unit = unit;
        this.description = description;
        this.tags = String.join(" ", tags);
    }

    /// Its name in Micrometer, such as `vfio.user.commands`.
    public String meter() {
        return meter;
    }

    /// The base unit; empty for plain numbers.
    public String unit() {
        return unit;
    }

    /// What it says, in half a sentence.
    public String description() {
        return description;
    }

    /// The keys of its tags.
    public List<String> tags() {
        return List.of(tags.split(" ", -1));
    }
}
