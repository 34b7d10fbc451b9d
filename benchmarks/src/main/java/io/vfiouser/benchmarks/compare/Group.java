package io.vfiouser.benchmarks.compare;

import java.util.List;

/// Workloads that are measured in one go, in a few minutes.
enum Group {
    LATENCY(
            Mode.ONE_CPU,
            1,
            new Workload("read", "--count 20000 rr", "--count 400000 rr", "--count 20000 floor"),
            Workload.of("write", "--count 20000 wr", "--count 200000 wr")),
    SPIN(
            Mode.SPIN,
            1,
            new Workload(
                    "read-spin",
                    "--spin --count 50000 rr",
                    "--spin --count 500000 rr",
                    "--spin --server-spin --count 50000 floor")),
    THROUGHPUT(
            Mode.ONE_CPU,
            1,
            new Workload(
                    "pipelined",
                    "--window 128 --coalesce 64 --count 200000 pipe",
                    "--window 128 --coalesce 64 --count 2000000 pipe",
                    "--count 20000 floor"),
            new Workload(
                    "posted",
                    "--coalesce 32 --count 400000 posted",
                    "--coalesce 32 --count 3000000 posted",
                    "--count 20000 floor")),
    DEVICE(
            Mode.ONE_CPU,
            1,
            Workload.of("interrupt", "--count 20000 irq", "--count 200000 irq"),
            Workload.of("write-4", "--count 20000 wr", "--count 200000 wr"),
            Workload.of(
                    "dma-mapped",
                    "--size 4096 --count 20000 dma",
                    "--size 4096 --count 200000 dma"),
            Workload.of(
                    "dma-messages",
                    "--size 4096 --dma-mode msg --count 5000 dma",
                    "--size 4096 --dma-mode msg --count 50000 dma")),
    LARGE(
            Mode.ONE_CPU,
            1,
            large("read-1M", "read", "1m"),
            large("write-64K", "write", "64k"),
            large("write-256K", "write", "256k"),
            large("write-1M", "write", "1m")),
    MAPS(
            Mode.ONE_CPU,
            1,
            Workload.of("map-4096", "--ks 4096 --lookup dmamap", "--ks 8192 --lookup dmamap"),
            Workload.of("map-65536", "--ks 65000 dmamap", "--ks 4096 dmamap")),
    MANY(
            Mode.MANY,
            1024,
            new Workload(
                    "devices-1024",
                    "--conns 1024 --count 200000 many",
                    "--conns 1024 --count 2000000 many",
                    "--count 20000 floor",
                    "--conns 1024 --count 1000 many"));

    private final Mode mode;
    private final int devices;

    @SuppressWarnings("ImmutableEnumChecker") // List.of, which is immutable
    private final List<Workload> workloads;

    Group(Mode mode, int devices, Workload... workloads) {
        this.mode = mode;
        this.devices = devices;
        this.workloads = List.of(workloads);
    }

    private static Workload large(String name, String operation, String size) {
        String what = "--region 1 --op " + operation + " --sizes " + size;
        return new Workload(
                name,
                what + " --count 1000 big",
                what + " --count 20000 big",
                "--op " + operation + " --size " + size + " --count 1000 --warmup 100 floor");
    }

    Mode mode() {
        return mode;
    }

    int devices() {
        return devices;
    }

    List<Workload> workloads() {
        return workloads;
    }
}
