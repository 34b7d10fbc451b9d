package io.vfiouser.benchmarks.compare;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// What servers cost beside the time of an access: start, memory, CPU when idle.
final class Footprint {
    private static final int DEVICES = 1024;
    private static final int IDLE_CLIENTS = 1000;
    private static final int IDLE_SECONDS = 20;
    private static final int FLEET = 10_000;
    private static final int OWN_FILES = 150;

    private final Machine machine;
    private final Client client;
    private final List<Peer> peers;
    private final int repetitions;
    private final Samples samples;

    Footprint(Machine machine, Client client, List<Peer> peers, int repetitions, Samples samples) {
        this.machine = machine;
        this.client = client;
        this.peers = List.copyOf(peers);
        this.repetitions = repetitions;
        this.samples = samples;
    }

    /// From the start of the process until one device listens.
    void start() throws IOException, InterruptedException {
        samples.forget("start");
        for (int turn = 0; turn < repetitions; turn++) {
            for (Peer peer : peers) {
                var started = RunningServer.start(machine, peer, Mode.ONE_CPU, 1);
                if (started.isPresent()) {
                    samples.add(
                            "start",
                            peer.name(),
                            turn,
                            "ready_ns",
                            (double) started.get().readyNanos());
                    started.get().close();
                }
            }
        }
    }

    /// Resident memory that each of many devices adds to the first.
    void memory() throws IOException, InterruptedException {
        samples.forget("memory");
        for (int turn = 0; turn < repetitions; turn++) {
            for (Peer peer : peers) {
                long one = resident(peer, 1);
                long many = resident(peer, DEVICES);
                samples.add("memory", peer.name(), turn, "base_bytes", (double) one);
                samples.add(
                        "memory",
                        peer.name(),
                        turn,
                        "device_bytes",
                        (double) (many - one) / (DEVICES - 1));
            }
        }
    }

    /// CPU time of a server whose clients are all connected and ask nothing.
    void idle() throws IOException, InterruptedException {
        samples.forget("idle");
        for (Peer peer : peers) {
            var started = RunningServer.start(machine, peer, Mode.MANY, IDLE_CLIENTS);
            if (started.isEmpty()) {
                continue;
            }
            try (RunningServer server = started.get()) {
                Process clients =
                        new ProcessBuilder(
                                        client.program(),
                                        "--sock",
                                        server.pattern(),
                                        "--conns",
                                        Integer.toString(IDLE_CLIENTS),
                                        "hold")
                                .start();
                clients.inputReader().readLine();
                TimeUnit.SECONDS.sleep(5);
                long before = Machine.cpuNanos(server.pid());
                TimeUnit.SECONDS.sleep(IDLE_SECONDS);
                double spent = Machine.cpuNanos(server.pid()) - before;
                samples.add(
                        "idle",
                        peer.name(),
                        0,
                        "cpu_percent",
                        spent / TimeUnit.SECONDS.toNanos(IDLE_SECONDS) * 100);
                clients.outputWriter().close();
                clients.waitFor();
            }
        }
    }

    /// Ten thousand devices in one process, a client on each, or on as many as the limit of open
    /// files leaves room for, each served at least once.
    void fleet() throws IOException, InterruptedException {
        samples.forget("fleet");
        for (Peer peer : peers) {
            Optional<RunningServer> started;
            try {
                started = RunningServer.start(machine, peer, Mode.MANY, FLEET);
            } catch (IOException e) {
                System.err.println(peer.name() + ": " + e.getMessage());
                continue;
            }
            if (started.isEmpty()) {
                continue;
            }
            try (RunningServer server = started.get()) {
                samples.add("fleet", peer.name(), 0, "ready_ns", (double) server.readyNanos());
                long clients = Math.min(FLEET, Machine.openFiles() - FLEET - OWN_FILES);
                var metrics =
                        client.run(
                                server, Mode.MANY, "--conns " + clients + " --count 100000 many");
                samples.add(
                        "fleet",
                        peer.name(),
                        0,
                        "served",
                        metrics.getOrDefault("ops_per_conn_min", 0.0) >= 1 ? (double) clients : 0);
                samples.add("fleet", peer.name(), 0, "ops_s", metrics.getOrDefault("ops_s", 0.0));
                samples.add(
                        "fleet",
                        peer.name(),
                        0,
                        "resident_bytes",
                        (double) Machine.residentBytes(server.pid()));
            }
        }
    }

    private long resident(Peer peer, int devices) throws IOException, InterruptedException {
        var started = RunningServer.start(machine, peer, Mode.MANY, devices);
        if (started.isEmpty()) {
            return 0;
        }
        try (RunningServer server = started.get()) {
            TimeUnit.SECONDS.sleep(2);
            return Machine.residentBytes(server.pid());
        }
    }
}
