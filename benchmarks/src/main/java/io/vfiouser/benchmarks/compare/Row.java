package io.vfiouser.benchmarks.compare;

import java.util.List;
import java.util.Optional;

/// One line of the table.
///
/// @param title what was done, and what is told of it
/// @param figure the number
/// @param scale from the unit of the data to that of the table
/// @param unit of the table
/// @param base what the ratio is to
/// @param baseIsFloor whether the base is the echo server's, or the same server's
record Row(
        String title,
        Figure figure,
        double scale,
        String unit,
        Optional<Figure> base,
        boolean baseIsFloor,
        Goal goal) {

    /// All lines, in order.
    static final List<Row> ALL =
            List.of(
                    micros("register read, one CPU, p50", "read", "p50_ns")
                            .toFloor("read", "p50_ns", Goal.ratioAtMost(1.15)),
                    micros("register read, both polling, p50", "read-spin", "p50_ns")
                            .toFloor("read-spin", "p50_ns", Goal.ratioAtMost(1.25)),
                    micros("register read, one CPU, p99 / p50", "read", "p99_ns")
                            .toSame("read", "p50_ns", Goal.ratioAtMost(1.5)),
                    rate("pipelined reads, window 128, 64 a send", "pipelined")
                            .toFloor("pipelined", "ops_s", Goal.ratioAtLeast(6.8)),
                    rate("posted writes, 32 a send", "posted")
                            .toFloor("posted", "ops_s", Goal.ratioAtLeast(23)),
                    micros("bell to eventfd, p50", "interrupt", "p50_ns")
                            .goal(Goal.noWorseThanOthers()),
                    micros("DMA copy 4 KiB mapped, p50 / register write", "dma-mapped", "p50_ns")
                            .toSame("write-4", "p50_ns", Goal.ratioAtMost(1.05)),
                    micros(
                                    "DMA copy 4 KiB by messages, p50 / register write",
                                    "dma-messages",
                                    "p50_ns")
                            .toSame("write-4", "p50_ns", Goal.ratioAtMost(3)),
                    micros("read 1 MiB, p50", "read-1M", "p50_ns")
                            .toFloor("read-1M", "p50_ns", Goal.ratioAtMost(1.1)),
                    micros("write 64 KiB, p50", "write-64K", "p50_ns")
                            .toFloor("write-64K", "p50_ns", Goal.ratioAtMost(1.2)),
                    micros("write 256 KiB, p50", "write-256K", "p50_ns")
                            .toFloor("write-256K", "p50_ns", Goal.ratioAtMost(1.2)),
                    micros("write 1 MiB, p50", "write-1M", "p50_ns")
                            .toFloor("write-1M", "p50_ns", Goal.ratioAtMost(1.2)),
                    micros("DMA map with a descriptor, 4096 regions, p50", "map-4096", "p50_ns")
                            .goal(Goal.atMost(22, "µs")),
                    micros("DMA unmap, 4096 regions, p50", "map-4096", "unmap_p50_ns")
                            .goal(Goal.atMost(22, "µs")),
                    micros("DMA map with a descriptor, 65 000 regions, p50", "map-65536", "p50_ns")
                            .goal(Goal.atMost(22, "µs")),
                    micros("DMA unmap, 65 000 regions, p50", "map-65536", "unmap_p50_ns")
                            .goal(Goal.atMost(22, "µs")),
                    new Row(
                            "address look-up, 4096 regions",
                            new Figure("map-4096", "lookup_ns"),
                            1,
                            "ns",
                            Optional.empty(),
                            false,
                            Goal.atMost(40, "ns")),
                    rate("1024 devices on one loop, one CPU", "devices-1024")
                            .toFloor("devices-1024", "ops_s", Goal.ratioAtLeast(1.85)),
                    new Row(
                            "1024 devices, p99",
                            new Figure("devices-1024", "p99_ns"),
                            1e-6,
                            "ms",
                            Optional.empty(),
                            false,
                            Goal.atMost(7.5, "ms")),
                    micros("1024 devices, server CPU an access", "devices-1024", "cpu_ns_op")
                            .goal(Goal.atMost(3, "µs")),
                    micros(
                                    "register read p99, another client posts / idle",
                                    "fair",
                                    "posted_p99_ns")
                            .toSame("fair", "idle_p99_ns", Goal.ratioAtMost(3)),
                    micros(
                                    "register read p99, another client reads / idle",
                                    "fair",
                                    "pipelined_p99_ns")
                            .toSame("fair", "idle_p99_ns", Goal.ratioAtMost(3)),
                    new Row(
                            "resident memory an idle device, of 1024",
                            new Figure("memory", "device_bytes"),
                            1.0 / 1024,
                            "KiB",
                            Optional.empty(),
                            false,
                            Goal.atMost(20, "KiB")),
                    new Row(
                            "resident memory of the process, 1 device",
                            new Figure("memory", "base_bytes"),
                            1.0 / (1 << 20),
                            "MiB",
                            Optional.empty(),
                            false,
                            Goal.none()),
                    new Row(
                            "10 000 devices connected and served",
                            new Figure("fleet", "served"),
                            1,
                            "devices",
                            Optional.empty(),
                            false,
                            Goal.atLeast(10_000, "devices")),
                    new Row(
                            "10 000 devices, ready after start",
                            new Figure("fleet", "ready_ns"),
                            1e-9,
                            "s",
                            Optional.empty(),
                            false,
                            Goal.atMost(10, "s")),
                    new Row(
                            "1 device, ready after start",
                            new Figure("start", "ready_ns"),
                            1e-6,
                            "ms",
                            Optional.empty(),
                            false,
                            Goal.atMost(400, "ms")),
                    new Row(
                            "CPU of a server with 1000 idle clients",
                            new Figure("idle", "cpu_percent"),
                            1,
                            "%",
                            Optional.empty(),
                            false,
                            Goal.atMost(0.5, "%")));

    private static Row micros(String title, String workload, String metric) {
        return new Row(
                title,
                new Figure(workload, metric),
                1e-3,
                "µs",
                Optional.empty(),
                false,
                Goal.noWorseThanOthers());
    }

    private static Row rate(String title, String workload) {
        return new Row(
                title,
                new Figure(workload, "ops_s"),
                1e-3,
                "k/s",
                Optional.empty(),
                false,
                Goal.noWorseThanOthers());
    }

    private Row toFloor(String workload, String metric, Goal goal) {
        return with(Optional.of(new Figure(workload, metric)), true, goal);
    }

    private Row toSame(String workload, String metric, Goal goal) {
        return with(Optional.of(new Figure(workload, metric)), false, goal);
    }

    private Row goal(Goal goal) {
        return with(Optional.empty(), false, goal);
    }

    private Row with(Optional<Figure> newBase, boolean floor, Goal newGoal) {
        return new Row(title, figure, scale, unit, newBase, floor, newGoal);
    }

    /// The figure of a server, in the unit of the table.
    Optional<Spread> figure(Samples samples, String server) {
        return samples.of(figure, server);
    }

    /// The floor of this row, or empty if it has none.
    Optional<Spread> floor(Samples samples) {
        return baseIsFloor ? base.flatMap(b -> samples.of(b, Sample.FLOOR)) : Optional.empty();
    }

    /// The ratio to the base, turn by turn, or empty if the row has none.
    Optional<Spread> ratio(Samples samples, String server) {
        return base.flatMap(
                b -> samples.ratio(figure, server, b, baseIsFloor ? Sample.FLOOR : server));
    }
}
