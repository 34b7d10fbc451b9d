package io.vfiouser.server.stats;

import io.vfiouser.server.observe.LatencyStats;
import java.util.concurrent.atomic.AtomicReferenceArray;

/// Latencies by number; each takes a kilobyte, so they are made when there is something to record.
final class LatencyTable {
    private final AtomicReferenceArray<Latencies> table;

    LatencyTable(int count) {
        table = new AtomicReferenceArray<>(count);
    }

    /// On the thread that writes.
    void record(int index, long nanos) {
        Latencies latencies = table.getPlain(index);
        if (latencies == null) {
            latencies = new Latencies();
            table.setRelease(index, latencies);
        }
        latencies.record(nanos);
    }

    /// From any thread.
    LatencyStats snapshot(int index) {
        Latencies latencies = table.getAcquire(index);
        return latencies == null ? LatencyStats.NONE : latencies.snapshot();
    }
}
