package io.vfiouser.client;

import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The interrupts that a server of the legacy dialect has told by messages, in order.
final class InterruptInbox {
    private static final int MOST = 4096;

    private final LinkedBlockingQueue<Integer> vectors = new LinkedBlockingQueue<>(MOST);

    /// Keeps one, unless nobody has taken thousands before.
    void add(int vector) {
        var _ = vectors.offer(vector);
    }

    /// Waits for the next one; empty if none comes in time.
    OptionalInt await(Duration limit) {
        try {
            @Nullable Integer vector = vectors.poll(limit.toNanos(), TimeUnit.NANOSECONDS);
            return vector == null ? OptionalInt.empty() : OptionalInt.of(vector);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for the server");
        }
    }
}
