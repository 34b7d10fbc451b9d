package io.vfiouser.benchmarks.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// What a client that floods its device does to the client of another device on the same loop.
///
/// The server has a CPU. Both clients share the other one, where the one that floods gets only what
/// the one that is measured leaves, so that they meet on the server's loop alone.
final class Fairness {
    private static final String NAME = "fair";
    private static final String WARM_UP = "--count 100000 rr";
    private static final String READS = "--count 30000 --warmup 2000 rr";
    private static final Map<String, String> FLOODS =
            Map.of(
                    "posted", "--coalesce 32 --count 2000000 --reps 1000 posted",
                    "pipelined", "--window 128 --coalesce 64 --count 2000000 --reps 1000 pipe");

    private final Machine machine;
    private final Client client;
    private final List<Peer> peers;
    private final int repetitions;
    private final Samples samples;

    Fairness(Machine machine, Client client, List<Peer> peers, int repetitions, Samples samples) {
        this.machine = machine;
        this.client = client;
        this.peers = List.copyOf(peers);
        this.repetitions = repetitions;
        this.samples = samples;
    }

    /// Round trips of one client while the other is idle, and while it floods.
    void measure() throws IOException, InterruptedException {
        samples.forget(NAME);
        var servers = new ArrayList<RunningServer>();
        try {
            for (Peer peer : peers) {
                var started = RunningServer.start(machine, peer, Mode.MANY, 2);
                if (started.isPresent()) {
                    warmUp(started.get());
                    started.get().pause();
                    servers.add(started.get());
                }
            }
            for (int turn = 0; turn < repetitions; turn++) {
                for (RunningServer server : servers) {
                    server.resume();
                    measure(server, turn);
                    server.pause();
                }
            }
        } finally {
            for (RunningServer server : servers) {
                server.close();
            }
        }
    }

    private void warmUp(RunningServer server) throws IOException, InterruptedException {
        client.run(server.socket(0), Mode.SPIN, WARM_UP);
        for (String flood : FLOODS.values()) {
            client.run(server.socket(1), Mode.SPIN, flood.replace("--reps 1000", "--reps 1"));
        }
    }

    private void measure(RunningServer server, int turn) throws IOException, InterruptedException {
        keep(server, turn, "idle", client.run(server.socket(0), Mode.SPIN, READS));
        for (var flood : FLOODS.entrySet()) {
            Process flooding = client.startIdle(server.socket(1), flood.getValue());
            try {
                TimeUnit.MILLISECONDS.sleep(300);
                keep(server, turn, flood.getKey(), client.run(server.socket(0), Mode.SPIN, READS));
            } finally {
                flooding.destroy();
                flooding.waitFor();
            }
        }
    }

    private void keep(RunningServer server, int turn, String what, Map<String, Double> metrics) {
        for (String quantile : List.of("p50_ns", "p99_ns")) {
            Double nanos = metrics.get(quantile);
            if (nanos != null) {
                samples.add(NAME, server.name(), turn, what + "_" + quantile, nanos);
            }
        }
    }
}
