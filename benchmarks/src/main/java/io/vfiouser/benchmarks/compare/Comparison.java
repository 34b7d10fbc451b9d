package io.vfiouser.benchmarks.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Runs the workloads of a group: in each turn every server once, each while the others are
/// stopped, and the floor.
final class Comparison {
    private static final Set<String> KEPT =
            Set.of(
                    "min_ns",
                    "p50_ns",
                    "p99_ns",
                    "p999_ns",
                    "ops_s",
                    "mb_s",
                    "errors",
                    "lookup_ns",
                    "unmap_p50_ns",
                    "corrupt",
                    "failed");

    private static final long LETTING_GO_MILLIS = 100;

    private final Machine machine;
    private final Client client;
    private final List<Peer> peers;
    private final int repetitions;
    private final Samples samples;

    Comparison(Machine machine, Client client, List<Peer> peers, int repetitions, Samples samples) {
        this.machine = machine;
        this.client = client;
        this.peers = List.copyOf(peers);
        this.repetitions = repetitions;
        this.samples = samples;
    }

    void measure(Group group) throws IOException, InterruptedException {
        var servers = new ArrayList<RunningServer>();
        try {
            for (Peer peer : peers) {
                var started = RunningServer.start(machine, peer, group.mode(), group.devices());
                if (started.isPresent()) {
                    started.get().pause();
                    servers.add(started.get());
                }
            }
            for (Workload workload : group.workloads()) {
                measure(group, workload, servers);
            }
        } finally {
            for (RunningServer server : servers) {
                server.close();
            }
        }
    }

    private void measure(Group group, Workload workload, List<RunningServer> servers)
            throws IOException, InterruptedException {
        samples.forget(workload.name());
        for (RunningServer server : servers) {
            server.resume();
            client.run(server, group.mode(), workload.warmUp());
            server.pause();
        }
        for (int turn = 0; turn < repetitions; turn++) {
            for (RunningServer server : servers) {
                server.resume();
                Run before = Run.NOTHING;
                if (!workload.connecting().isEmpty()) {
                    before = run(group, server, workload.connecting());
                }
                Run run = run(group, server, workload.arguments());
                server.pause();
                keep(workload, server.name(), turn, run.metrics());
                if (run.operations() > before.operations()) {
                    samples.add(
                            workload.name(),
                            server.name(),
                            turn,
                            "cpu_ns_op",
                            (run.cpuNanos() - before.cpuNanos())
                                    / (run.operations() - before.operations()));
                }
            }
            if (!workload.floor().isEmpty()) {
                keep(workload, Sample.FLOOR, turn, client.floor(group.mode(), workload.floor()));
            }
        }
    }

    /// Runs the client once, and counts what the server does of it, letting go included.
    private Run run(Group group, RunningServer server, String arguments)
            throws IOException, InterruptedException {
        long before = Machine.cpuNanos(server.pid());
        var metrics = client.run(server, group.mode(), arguments);
        TimeUnit.MILLISECONDS.sleep(LETTING_GO_MILLIS);
        long spent = Machine.cpuNanos(server.pid()) - before;
        double operations = metrics.getOrDefault("ops", 0.0);
        return new Run(metrics, spent, operations > 0 ? operations + 4.0 * group.devices() : 0);
    }

    /// What one run of the client brought.
    ///
    /// @param cpuNanos of the server
    /// @param operations with those that the client makes before it begins to measure
    private record Run(Map<String, Double> metrics, long cpuNanos, double operations) {
        static final Run NOTHING = new Run(Map.of(), 0, 0);
    }

    private void keep(Workload workload, String server, int turn, Map<String, Double> metrics) {
        metrics.forEach((metric, value) -> {
            if (KEPT.contains(metric)) {
                samples.add(workload.name(), server, turn, metric, value);
            }
        });
    }
}
