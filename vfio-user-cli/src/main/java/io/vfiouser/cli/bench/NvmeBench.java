package io.vfiouser.cli.bench;

import io.vfiouser.cli.text.Progress;
import io.vfiouser.nvme.CompletionListener;
import io.vfiouser.nvme.DmaBuffer;
import io.vfiouser.nvme.NvmeInitiator;
import io.vfiouser.nvme.NvmeNamespace;
import io.vfiouser.nvme.NvmeQueue;
import io.vfiouser.nvme.NvmeStatus;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/// Loads a controller according to a plan.
public final class NvmeBench {
    private static final int FILL_DEPTH = 8;

    private final NvmeInitiator nvme;
    private final NvmeNamespace namespace;
    private final BenchPlan plan;
    private final Phases phases = new Phases();
    private final List<NvmeQueue> queues = new ArrayList<>();
    private final List<DmaBuffer> buffers = new ArrayList<>();
    private long filled;

    /// A benchmark that has not begun.
    ///
    /// @param nvme stays the caller's; has the plan's memory and entries of queues
    /// @throws IllegalArgumentException if the namespace or the controller is too small for it
    public NvmeBench(NvmeInitiator nvme, NvmeNamespace namespace, BenchPlan plan) {
        this.nvme = nvme;
        this.namespace = namespace;
        this.plan = plan;
        if (plan.size() % namespace.blockSize() != 0
                || namespace.size() / plan.size() < plan.queues()) {
            throw new IllegalArgumentException(
                    "--size: %d (expected: blocks of %d bytes, within %d)"
                            .formatted(plan.size(), namespace.blockSize(), namespace.size()));
        }
        if (plan.queues() > nvme.ioQueues()) {
            throw new IllegalArgumentException(
                    "--queues: %d (expected: at most %d)"
                            .formatted(plan.queues(), nvme.ioQueues()));
        }
    }

    /// Runs it; takes as long as the plan says, and filling.
    ///
    /// @throws IllegalStateException if a command fails or does not end
    public BenchReport run() throws InterruptedException {
        try {
            for (int i = 0; i < plan.queues(); i++) {
                queues.add(nvme.openQueue(plan.mode()));
            }
            checkQueue(queues.getFirst());
            if (plan.fill()) {
                fill();
            }
            return measure();
        } finally {
            queues.forEach(NvmeQueue::close);
            buffers.forEach(DmaBuffer::close);
        }
    }

    private void checkQueue(NvmeQueue queue) {
        if (plan.size() > queue.maxTransfer()) {
            throw new IllegalArgumentException(
                    "--size: %d (expected: at most %d)"
                            .formatted(plan.size(), queue.maxTransfer()));
        }
        if (plan.depth() > queue.depth()) {
            throw new IllegalArgumentException(
                    "--depth: %d (expected: at most %d)".formatted(plan.depth(), queue.depth()));
        }
    }

    private BenchReport measure() throws InterruptedException {
        var client = new CpuTime(ProcessHandle.current().pid());
        long pid = nvme.serverCredentials().pid();
        var server = new CpuTime(pid);
        List<Future<QueueTally>> loads = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(plan.queues())) {
            for (int i = 0; i < plan.queues(); i++) {
                loads.add(threads.submit(load(i)));
            }
            boolean goesOn = pass("warm-up", plan.warmup());
            long began = System.nanoTime();
            client.begin();
            server.begin();
            if (goesOn) {
                phases.measure();
                var _ = pass("measuring", plan.duration());
            }
            phases.end();
            var elapsed = Duration.ofNanos(System.nanoTime() - began);
            var clientCores = client.cores(elapsed);
            var serverCores = server.cores(elapsed);
            QueueTally all = sum(loads);
            return new BenchReport(
                    plan,
                    nvme.doorbellsMapped(),
                    all.measured(),
                    all.reads(),
                    all.writes() + filled,
                    1e9 * all.measured() / Math.max(all.nanos(), 1),
                    all.latencies(),
                    (double) all.allocated() / Math.max(all.measured(), 1),
                    clientCores,
                    pid,
                    serverCores);
        }
    }

    private boolean pass(String phase, Duration time) throws InterruptedException {
        try (var _ = Progress.ofTime(phase, time)) {
            return phases.pass(time);
        }
    }

    private QueueLoad load(int index) {
        long pieces = namespace.size() / plan.size();
        var targets = new Targets(plan.workload(), pieces, index, plan.queues());
        DmaBuffer buffer = nvme.allocate((long) plan.depth() * plan.size());
        buffers.add(buffer);
        randomize(buffer, index);
        return new QueueLoad(queues.get(index), buffer, namespace, plan, targets, phases);
    }

    private static QueueTally sum(List<Future<QueueTally>> loads) throws InterruptedException {
        long measured = 0;
        long reads = 0;
        long writes = 0;
        long nanos = 0;
        long allocated = 0;
        Histogram latencies = new Histogram(3);
        for (Future<QueueTally> load : loads) {
            QueueTally tally = result(load);
            measured += tally.measured();
            reads += tally.reads();
            writes += tally.writes();
            nanos = Math.max(nanos, tally.nanos());
            allocated += tally.allocated();
            latencies.add(tally.latencies());
            check(tally.failure());
        }
        return new QueueTally(measured, reads, writes, nanos, allocated, latencies, 0);
    }

    private static QueueTally result(Future<QueueTally> load) throws InterruptedException {
        try {
            return load.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new IllegalStateException(e.getCause());
        }
    }

    /// Writes the whole namespace once, so that no block is one that was never written.
    private void fill() {
        NvmeQueue queue = queues.getFirst();
        CompletionListener done = (_, status, _) -> check(status);
        int part = queue.maxTransfer();
        try (var buffer = nvme.allocate(part);
                var progress = Progress.ofBytes("fill", namespace.size())) {
            randomize(buffer, plan.queues());
            for (long at = 0; at < namespace.size(); at += part) {
                if (queue.inFlight() == FILL_DEPTH) {
                    queue.await(done);
                }
                int bytes = (int) Math.min(part, namespace.size() - at);
                int block = namespace.blockSize();
                var _ = queue.submitWrite(namespace, at / block, bytes / block, buffer, 0);
                queue.ring();
                filled++;
                progress.at(at + bytes);
            }
            while (queue.inFlight() > 0) {
                queue.await(done);
            }
        }
    }

    private static void check(int status) {
        if (status != 0) {
            throw new IllegalStateException(
                    "command: " + NvmeStatus.text(status) + " (expected: success)");
        }
    }

    private static void randomize(DmaBuffer buffer, long seed) {
        var random = new SplittableRandom(seed);
        for (long at = 0; at < buffer.size(); at += Long.BYTES) {
            buffer.segment().set(ValueLayout.JAVA_LONG, at, random.nextLong());
        }
    }
}
