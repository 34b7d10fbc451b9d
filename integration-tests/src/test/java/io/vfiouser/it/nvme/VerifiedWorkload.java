package io.vfiouser.it.nvme;

import io.vfiouser.nvme.DmaBuffer;
import io.vfiouser.nvme.NvmeInitiator;
import io.vfiouser.nvme.NvmeNamespace;
import io.vfiouser.nvme.NvmeQueue;
import io.vfiouser.nvme.NvmeStatus;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/// Random reads and writes of mixed sizes on a range of a namespace, several in flight, of which
/// every read is compared with what was written before: each word of a block tells its place and
/// how often the block had been written.
///
/// Does its work in steps that do not wait, so that one thread drives many.
public final class VerifiedWorkload implements AutoCloseable {
    private static final int SLOTS = 8;
    private static final int MAX_BYTES = 24 << 10;

    private final NvmeQueue queue;
    private final NvmeNamespace namespace;
    private final long first;
    private final int[] generations;
    private final BitSet busy = new BitSet();
    private final Random random;
    private final DmaBuffer memory;
    private final Slot[] slots;
    private int left;
    private int verified;

    /// A workload.
    ///
    /// @param first block of the range, all zero
    /// @param blocks of the range
    /// @param operations to do
    public VerifiedWorkload(
            NvmeInitiator nvme,
            NvmeQueue queue,
            NvmeNamespace namespace,
            long first,
            int blocks,
            int operations,
            long seed) {
        this.queue = queue;
        this.namespace = namespace;
        this.first = first;
        this.generations = new int[blocks];
        this.left = operations;
        this.random = new Random(seed);
        this.memory = nvme.allocate((long) SLOTS * MAX_BYTES);
        this.slots = new Slot[queue.depth()];
    }

    /// Submits what can be submitted and takes what is done.
    ///
    /// @return whether anything happened
    public boolean step() {
        int before = left;
        while (left > 0 && queue.inFlight() < Math.min(SLOTS, queue.depth()) && submit()) {
            left--;
        }
        queue.ring();
        return queue.poll(this::completed) > 0 || left < before;
    }

    /// Whether all is done.
    public boolean isDone() {
        return left == 0 && queue.inFlight() == 0;
    }

    /// Blocks that were read and found right.
    public int verified() {
        return verified;
    }

    /// Does so many operations besides.
    public void more(int operations) {
        left += operations;
    }

    /// Does all of it.
    public void run() {
        while (!isDone()) {
            if (!step()) {
                LockSupport.parkNanos(20_000);
            }
        }
    }

    @Override
    public void close() {
        memory.close();
    }

    private boolean submit() {
        int most = Math.min(MAX_BYTES / namespace.blockSize(), generations.length);
        int blocks = 1 + random.nextInt(most);
        int start = random.nextInt(generations.length - blocks + 1);
        int next = busy.nextSetBit(start);
        if (next >= 0 && next < start + blocks) {
            return false; // the result would depend on the order
        }
        busy.set(start, start + blocks);
        boolean write = random.nextBoolean();
        long offset = (long) freePlace() * MAX_BYTES;
        if (write) {
            for (int i = 0; i < blocks; i++) {
                fill(block(offset, i), start + i, ++generations[start + i]);
            }
        }
        int id =
                write
                        ? queue.submitWrite(namespace, first + start, blocks, memory, offset)
                        : queue.submitRead(namespace, first + start, blocks, memory, offset);
        slots[id] = new Slot(write, start, blocks, offset);
        return true;
    }

    private int freePlace() {
        var taken = new BitSet();
        for (Slot slot : slots) {
            if (slot != null && slot.blocks > 0) {
                taken.set((int) (slot.offset / MAX_BYTES));
            }
        }
        return taken.nextClearBit(0);
    }

    private void completed(int commandId, int status, int result) {
        Slot slot = slots[commandId];
        slots[commandId] = Slot.FREE;
        if (status != 0) {
            throw new AssertionError(slot + ": " + NvmeStatus.text(status));
        }
        busy.clear(slot.start, slot.start + slot.blocks);
        if (!slot.write) {
            for (int i = 0; i < slot.blocks; i++) {
                int at = slot.start + i;
                check(block(slot.offset, i), at, generations[at]);
                verified++;
            }
        }
    }

    private MemorySegment block(long offset, int index) {
        int size = namespace.blockSize();
        return memory.segment().asSlice(offset + (long) index * size, size);
    }

    private void fill(MemorySegment block, int at, int generation) {
        for (long i = 0; i < block.byteSize(); i += Long.BYTES) {
            block.set(ValueLayout.JAVA_LONG, i, word(at, generation, i));
        }
    }

    private void check(MemorySegment block, int at, int generation) {
        for (long i = 0; i < block.byteSize(); i += Long.BYTES) {
            long found = block.get(ValueLayout.JAVA_LONG, i);
            long expected = generation == 0 ? 0 : word(at, generation, i);
            if (found != expected) {
                throw new AssertionError(
                        "block %d of namespace %d, byte %d: 0x%x (expected: 0x%x, write %d)"
                                .formatted(
                                        first + at,
                                        namespace.id(),
                                        i,
                                        found,
                                        expected,
                                        generation));
            }
        }
    }

    private long word(int at, int generation, long offset) {
        long place = (first + at) << 24 | offset << 8 | namespace.id();
        return place * 0x9e37_79b9_7f4a_7c15L + generation;
    }

    private record Slot(boolean write, int start, int blocks, long offset) {
        static final Slot FREE = new Slot(false, 0, 0, 0);
    }
}
