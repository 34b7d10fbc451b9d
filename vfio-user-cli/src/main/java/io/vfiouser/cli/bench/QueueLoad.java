package io.vfiouser.cli.bench;

import com.sun.management.ThreadMXBean;
import io.vfiouser.nvme.CompletionListener;
import io.vfiouser.nvme.CompletionMode;
import io.vfiouser.nvme.DmaBuffer;
import io.vfiouser.nvme.NvmeNamespace;
import io.vfiouser.nvme.NvmeQueue;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;

/// Keeps one queue filled, and times its commands. Belongs to the thread that calls it.
///
/// The clock is read once for all completions that are found at a time; what is submitted in their
/// place begins at that moment. Nothing is allocated for a command.
final class QueueLoad implements Callable<QueueTally>, CompletionListener {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final long LONGEST_NANOS = Duration.ofMinutes(1).toNanos();
    private static final int DIGITS = 3;
    private static final int SPINS_PER_LOOK = 1 << 16;

    private final NvmeQueue queue;
    private final DmaBuffer buffer;
    private final BenchPlan plan;
    private final Targets targets;
    private final NvmeNamespace namespace;
    private final Phases phases;
    private final int blocks;
    private final int[] slots;
    private final long[] begun;
    private final Histogram latencies = new Histogram(LONGEST_NANOS, DIGITS);
    private int seen = Phases.WARMUP;
    private long now;
    private long began;
    private long ended;
    private long allocatedBefore;
    private long allocated;
    private long measured;
    private long reads;
    private long writes;
    private int failure;

    /// A load for a queue of at least the plan's depth.
    ///
    /// @param buffer the plan's depth times its size
    QueueLoad(
            NvmeQueue queue,
            DmaBuffer buffer,
            NvmeNamespace namespace,
            BenchPlan plan,
            Targets targets,
            Phases phases) {
        this.queue = queue;
        this.buffer = buffer;
        this.plan = plan;
        this.targets = targets;
        this.namespace = namespace;
        this.phases = phases;
        this.blocks = plan.size() / namespace.blockSize();
        this.slots = new int[queue.depth()];
        this.begun = new long[queue.depth()];
    }

    @Override
    public QueueTally call() {
        try {
            now = System.nanoTime();
            for (int slot = 0; slot < plan.depth(); slot++) {
                submit(slot);
            }
            queue.ring();
            if (plan.mode() == CompletionMode.POLLED) {
                poll();
            } else {
                sleep();
            }
            return new QueueTally(
                    measured, reads, writes, ended - began, allocated, latencies, failure);
        } finally {
            phases.end();
        }
    }

    @Override
    public void completed(int commandId, int status, int result) {
        if (now == 0) {
            look();
        }
        if (status != 0 && failure == 0) {
            failure = status;
            phases.end();
        }
        if (seen == Phases.MEASURING) {
            measured++;
            latencies.recordValue(Math.min(now - begun[commandId], LONGEST_NANOS));
        }
        if (seen != Phases.OVER) {
            submit(slots[commandId]);
        }
    }

    private void poll() {
        int spins = 0;
        long lastLook = System.nanoTime();
        while (queue.inFlight() > 0) {
            now = 0;
            if (queue.poll(this) > 0) {
                queue.ring();
                spins = 0;
                continue;
            }
            Thread.onSpinWait();
            if (++spins == 1) {
                lastLook = System.nanoTime();
            } else if (spins % SPINS_PER_LOOK == 0
                    && System.nanoTime() - lastLook > PATIENCE.toNanos()) {
                throw new IllegalStateException(
                        "queue %d: no completion in %s, %d commands in flight (expected: one)"
                                .formatted(queue.id(), PATIENCE, queue.inFlight()));
            }
        }
    }

    private void sleep() {
        while (queue.inFlight() > 0) {
            now = 0;
            if (queue.await(this) > 0) {
                queue.ring();
            }
        }
    }

    /// Reads the clock, and notices when measuring begins and ends.
    private void look() {
        now = System.nanoTime();
        int phase = phases.current();
        if (phase == seen) {
            return;
        }
        if (phase == Phases.MEASURING) {
            began = now;
            allocatedBefore = THREADS.getCurrentThreadAllocatedBytes();
        } else if (seen == Phases.MEASURING) {
            ended = now;
            allocated = THREADS.getCurrentThreadAllocatedBytes() - allocatedBefore;
        }
        seen = phase;
    }

    private void submit(int slot) {
        long lba = targets.next() * blocks;
        long offset = (long) slot * plan.size();
        int id;
        if (targets.reads()) {
            id = queue.submitRead(namespace, lba, blocks, buffer, offset);
            reads++;
        } else {
            id = queue.submitWrite(namespace, lba, blocks, buffer, offset);
            writes++;
        }
        slots[id] = slot;
        begun[id] = now;
    }
}
