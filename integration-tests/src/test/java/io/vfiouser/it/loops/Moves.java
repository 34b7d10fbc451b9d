package io.vfiouser.it.loops;

import io.vfiouser.server.ServedDevice;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/// Moves a device to and fro between two loops, without a pause, until told to end.
final class Moves implements AutoCloseable {
    private final ServedDevice device;
    private final AtomicInteger count = new AtomicInteger();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean over;

    private Moves(ServedDevice device) {
        this.device = device;
    }

    static Moves start(ServedDevice device) {
        var moves = new Moves(device);
        Thread.ofPlatform().name("mover").daemon().start(moves::run);
        return moves;
    }

    /// How many there were; throws what one of them has thrown.
    int count() {
        if (ended.isCompletedExceptionally()) {
            ended.join();
        }
        return count.get();
    }

    /// Ends it.
    ///
    /// @return how many there were
    int end() {
        over = true;
        ended.join();
        return count.get();
    }

    @Override
    public void close() {
        over = true;
        ended.exceptionally(_ -> null).join();
    }

    private void run() {
        try {
            while (!over) {
                device.moveTo(1 - device.loop()).join();
                count.incrementAndGet();
            }
            ended.complete(null);
        } catch (Throwable thrown) {
            ended.completeExceptionally(thrown);
        }
    }
}
