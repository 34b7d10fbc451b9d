package io.vfiouser.it.soak;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Clients that do everything there is, several at a time by a seeded plan, against one server; now
/// and then all stop, and what the process holds is compared with what it held before.
///
/// `./soak MINUTES` runs it.
final class Soak implements AutoCloseable {
    private static final int WORKERS = 3;
    private static final int WARM_UP_ROUNDS = 2;
    private static final long MAX_MAPPINGS_GROWTH = 32;
    private static final long MAX_HEAP_GROWTH = 24L << 20;
    private static final long MAX_NATIVE_GROWTH = 96L << 20;

    private final ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
    private final SoakServer server = new SoakServer();
    private final List<SoakClient> clients = new ArrayList<>();

    /// A soak.
    ///
    /// @param seed of the plan
    Soak(long seed) {
        for (int i = 0; i < WORKERS; i++) {
            clients.add(new SoakClient(server, i, seed * WORKERS + i));
        }
    }

    /// For the command line: minutes, length of a round in seconds, seed.
    public static void main(String[] arguments) {
        Duration length = Duration.ofMinutes(Long.parseLong(arguments[0]));
        Duration round = Duration.ofSeconds(Long.parseLong(arguments[1]));
        long seed = Long.parseLong(arguments[2]);
        IO.println("seed %d".formatted(seed));
        try (var soak = new Soak(seed)) {
            soak.run(length, round);
        }
        IO.println("nothing grew");
    }

    /// Works for that long, in rounds.
    ///
    /// @throws AssertionError if something went wrong or has grown
    void run(Duration length, Duration round) {
        for (int i = 0; i < WARM_UP_ROUNDS; i++) {
            work(Instant.now().plus(round));
        }
        Footprint first = Footprint.take(MAX_MAPPINGS_GROWTH);
        IO.println("warm: " + first);
        Instant begin = Instant.now();
        Instant end = begin.plus(length);
        do {
            Instant next = Instant.now().plus(round);
            work(next.isBefore(end) ? next : end);
            Footprint now = Footprint.take(first.mappings() + MAX_MAPPINGS_GROWTH);
            IO.println(
                    "%d s, %s: %s"
                            .formatted(
                                    Duration.between(begin, Instant.now()).toSeconds(),
                                    SoakClient.totals(clients),
                                    now));
            compare(first, now);
        } while (Instant.now().isBefore(end));
    }

    private void work(Instant until) {
        List<CompletableFuture<Void>> all =
                clients.stream()
                        .map(client ->
                                CompletableFuture.runAsync(() -> client.work(until), threads))
                        .toList();
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
        server.awaitIdle();
    }

    private static void compare(Footprint first, Footprint now) {
        if (!now.descriptors().equals(first.descriptors())) {
            throw new AssertionError(
                    "descriptors: %s (expected: %s)"
                            .formatted(now.descriptors(), first.descriptors()));
        }
        within("mappings", now.mappings(), first.mappings(), MAX_MAPPINGS_GROWTH);
        within("heap", now.heap(), first.heap(), MAX_HEAP_GROWTH);
        within(
                "native memory",
                now.nativeMemory().orElse(0),
                first.nativeMemory().orElse(0),
                MAX_NATIVE_GROWTH);
    }

    private static void within(String what, long now, long first, long growth) {
        if (now > first + growth) {
            throw new AssertionError(
                    "%s: %d (expected: at most %d + %d)".formatted(what, now, first, growth));
        }
    }

    @Override
    public void close() {
        threads.close();
        server.close();
    }
}
