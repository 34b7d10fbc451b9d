package io.vfiouser.benchmarks.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
                long before = Machine.cpuNanos(server.pid());
                var metrics = client.run(server, group.mode(), workload.arguments());
                long spent = Machine.cpuNanos(server.pid()) - before;
                server.pause();
                keep(workload, server.name(), turn, metrics);
                if (metrics.containsKey("ops")) {
                    samples.add(
                            workload.name(),
                            server.name(),
                            turn,
                            "cpu_ns_op",
                            spent / (metrics.get("ops") + 4.0 * group.devices()));
                }
            }
            if (!workload.floor().isEmpty()) {
                keep(workload, Sample.FLOOR, turn, client.floor(group.mode(), workload.floor()));
            }
        }
    }

    private void keep(Workload workload, String server, int turn, Map<String, Double> metrics) {
        metrics.forEach((metric, value) -> {
            if (KEPT.contains(metric)) {
                samples.add(workload.name(), server, turn, metric, value);
            }
        });
    }
}
