package io.vfiouser.it.nvme;

import io.vfiouser.it.vmm.DriverQueue;
import io.vfiouser.it.vmm.NvmeDriver;
import io.vfiouser.testkit.vmm.FakeVmm;
import io.vfiouser.testkit.vmm.GuestBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// Reads and writes of a page each at random, sixteen in flight, until it is told to stop. Each
/// write carries the number of times that its page was written; each read must find the last
/// number. So a write that is lost, or done again after a later one, is seen.
final class SequencedWrites {
    private static final int PAGE = 4096;
    private static final int DEPTH = 16;

    private final NvmeDriver driver;
    private final DriverQueue queue;
    private final GuestBuffer memory;
    private final Random random;
    private final int blocksPerPage;
    private final long[] sequence;
    private final BitSet busy = new BitSet();
    private final int[] pageOf = new int[DEPTH + 1];
    private final boolean[] isWrite = new boolean[DEPTH + 1];
    private final BitSet slots = new BitSet();
    private long writes;
    private final AtomicLong completed = new AtomicLong();
    private volatile boolean stopping;

    SequencedWrites(FakeVmm vmm, NvmeDriver driver, long seed) {
        this.driver = driver;
        this.queue = driver.queue();
        this.memory = vmm.allocate((long) (DEPTH + 1) * PAGE);
        this.random = new Random(seed);
        this.blocksPerPage = PAGE / driver.blockSize();
        this.sequence = new long[(int) (driver.blocks() / blocksPerPage)];
    }

    /// Works until [#stop()], then finishes what is in flight.
    void run() {
        while (!stopping || queue.inFlight() > 0) {
            while (!stopping && queue.inFlight() < DEPTH) {
                submit();
            }
            if (queue.poll(this::ended) == 0) {
                driver.awaitInterrupt();
            }
        }
    }

    void stop() {
        stopping = true;
    }

    /// Waits until so many commands have been completed.
    ///
    /// @param running does the work; its failure ends the wait
    void awaitCompleted(long count, CompletableFuture<?> running) {
        while (completed.get() < count) {
            if (running.isDone()) {
                running.join();
                throw new AssertionError(
                        "commands: %d at the end (expected: %d)".formatted(completed.get(), count));
            }
            LockSupport.parkNanos(100_000);
        }
    }

    /// How many Write commands were submitted.
    long writes() {
        return writes;
    }

    /// Reads every page once more; nothing else runs.
    void verifyEverything() {
        for (int page = 0; page < sequence.length; page++) {
            begin(page, false);
            while (queue.poll(this::ended) == 0) {
                driver.awaitInterrupt();
            }
        }
    }

    private void submit() {
        int page = random.nextInt(sequence.length);
        if (!busy.get(page)) { // the result would depend on the order
            begin(page, random.nextBoolean());
        }
    }

    private void begin(int page, boolean write) {
        int slot = slots.nextClearBit(0);
        MemorySegment data = memory.segment().asSlice((long) slot * PAGE, PAGE);
        if (write) {
            writes++;
            sequence[page]++;
            for (long at = 0; at < PAGE; at += Long.BYTES) {
                data.set(ValueLayout.JAVA_LONG, at, word(page, at));
            }
        } else {
            data.fill((byte) 0xee);
        }
        long lba = (long) page * blocksPerPage;
        long iova = memory.iova() + (long) slot * PAGE;
        busy.set(page);
        slots.set(slot);
        int command =
                write
                        ? driver.submitWrite(lba, blocksPerPage, iova)
                        : driver.submitRead(lba, blocksPerPage, iova);
        if (command != slot) {
            throw new AssertionError(
                    "command: %d (expected: %d, the first that is free)".formatted(command, slot));
        }
        pageOf[slot] = page;
        isWrite[slot] = write;
    }

    private void ended(int command, int status) {
        int page = pageOf[command];
        if (status != 0) {
            throw new AssertionError("page %d: status 0x%x (expected: 0)".formatted(page, status));
        }
        if (!isWrite[command]) {
            check(page, memory.segment().asSlice((long) command * PAGE, PAGE));
        }
        busy.clear(page);
        slots.clear(command);
        completed.incrementAndGet();
    }

    private void check(int page, MemorySegment data) {
        for (long at = 0; at < PAGE; at += Long.BYTES) {
            long found = data.get(ValueLayout.JAVA_LONG, at);
            long expected = sequence[page] == 0 ? 0 : word(page, at);
            if (found != expected) {
                throw new AssertionError(
                        "page %d, byte %d: 0x%x (expected: 0x%x, of write %d)"
                                .formatted(page, at, found, expected, sequence[page]));
            }
        }
    }

    private long word(int page, long at) {
        return ((long) page << 12 | at) << 32 | sequence[page];
    }
}
