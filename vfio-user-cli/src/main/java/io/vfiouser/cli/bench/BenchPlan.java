package io.vfiouser.cli.bench;

import io.vfiouser.nvme.CompletionMode;
import java.time.Duration;

/// What to measure.
///
/// @param namespace id of the namespace
/// @param workload what the commands do
/// @param size bytes of each command
/// @param depth commands in flight in each queue
/// @param queues how many queues, each with a thread
/// @param mode how completions are noticed
/// @param fill whether the whole namespace is written first
/// @param warmup what passes before anything is counted
/// @param duration how long is measured
public record BenchPlan(
        int namespace,
        Workload workload,
        int size,
        int depth,
        int queues,
        CompletionMode mode,
        boolean fill,
        Duration warmup,
        Duration duration) {
    private static final long SPARE_MEMORY = 4 << 20;
    private static final int PRP_LIST_SHARE = 256;
    private static final int ENTRY_SIZES = 64 + 16;
    private static final int PAGE = 4096;
    private static final Duration SHORT_WARMUP = Duration.ofMillis(100);

    /// The same once more, when all is warm and filled.
    public BenchPlan again() {
        return new BenchPlan(
                namespace, workload, size, depth, queues, mode, false, SHORT_WARMUP, duration);
    }

    /// Entries that each queue needs: one always stays free.
    public int queueEntries() {
        return Math.max(256, depth + 1);
    }

    /// Bytes of the largest command that is asked for, a power of two.
    public int maxTransfer() {
        return Math.max(128 << 10, Integer.highestOneBit(2 * size - 1));
    }

    /// Bytes that have to be shared with the server for data, rings and lists.
    public long memorySize() {
        long lists = (long) queueEntries() * (maxTransfer() / PRP_LIST_SHARE);
        long rings = (long) queueEntries() * ENTRY_SIZES;
        long data = (long) depth * Math.max(size, PAGE) + maxTransfer();
        long all = SPARE_MEMORY + queues * (lists + rings + data + 4L * PAGE);
        return (all + PAGE - 1) / PAGE * PAGE;
    }
}
