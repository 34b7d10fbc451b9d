package io.vfiouser.nvme;

import java.lang.foreign.MemorySegment;

/// A submission queue and its completion queue, in shared memory (NVMe 1.4: "Submission Queue &
/// Completion Queue Definition"). One thread at a time.
///
/// At most one command less is in flight than the queues have entries, so that neither is ever
/// overrun, whatever the controller consumes when.
final class QueuePair implements AutoCloseable {
    static final int SQ_ENTRY_SIZE = 64;
    static final int CQ_ENTRY_SIZE = 16;

    private static final int CQ_LAST_WORD = 12;

    private final int id;
    private final int entries;
    private final DmaBuffer sqMemory;
    private final DmaBuffer cqMemory;
    private final MemorySegment sq;
    private final MemorySegment cq;
    private final Doorbells doorbells;
    private final int[] freeIds;
    private final boolean[] inFlight;
    private int free;
    private int tail;
    private int rungTail;
    private int head;
    private int phase = 1;

    /// Empty queues.
    ///
    /// @param id of both; 0 for the admin queues
    /// @param entries of each, at least 2
    QueuePair(int id, int entries, DmaPool pool, Doorbells doorbells) {
        this.id = id;
        this.entries = entries;
        this.doorbells = doorbells;
        this.sqMemory = pool.allocate((long) entries * SQ_ENTRY_SIZE);
        this.cqMemory = pool.allocate((long) entries * CQ_ENTRY_SIZE);
        this.sq = sqMemory.segment();
        this.cq = cqMemory.segment();
        this.freeIds = new int[entries - 1];
        this.inFlight = new boolean[entries - 1];
        for (int i = 0; i < freeIds.length; i++) {
            freeIds[i] = freeIds.length - 1 - i;
        }
        this.free = freeIds.length;
    }

    int id() {
        return id;
    }

    int entries() {
        return entries;
    }

    long sqIova() {
        return sqMemory.iova();
    }

    long cqIova() {
        return cqMemory.iova();
    }

    /// Commands that may be in flight.
    int depth() {
        return freeIds.length;
    }

    /// Commands in flight.
    int inFlight() {
        return freeIds.length - free;
    }

    /// The id that the next command gets.
    ///
    /// @throws IllegalStateException if as many as possible are in flight
    int nextId() {
        if (free == 0) {
            throw new IllegalStateException(
                    "queue " + id + ": " + depth() + " commands in flight (expected: fewer)");
        }
        return freeIds[free - 1];
    }

    /// Puts a command into the submission queue; the controller sees it after [#ring()].
    ///
    /// @param command opcode, and in bits 15:14 what the data pointers are
    /// @param dwords10 dword 10, and in the upper half dword 11
    /// @return its id
    int submit(
            int command, int namespace, long pointer1, long pointer2, long dwords10, int dword12) {
        int commandId = nextId();
        free--;
        inFlight[commandId] = true;
        long at = (long) tail * SQ_ENTRY_SIZE;
        sq.set(Words.INT, at, commandId << Short.SIZE | command);
        sq.set(Words.INT, at + 4, namespace);
        sq.set(Words.LONG, at + 8, 0);
        sq.set(Words.LONG, at + 16, 0);
        sq.set(Words.LONG, at + 24, pointer1);
        sq.set(Words.LONG, at + 32, pointer2);
        sq.set(Words.LONG, at + 40, dwords10);
        sq.set(Words.LONG, at + 48, dword12 & 0xffff_ffffL);
        sq.set(Words.LONG, at + 56, 0);
        tail = tail + 1 == entries ? 0 : tail + 1;
        return commandId;
    }

    /// Tells the controller of commands that it has not been told of.
    void ring() {
        if (tail != rungTail) {
            rungTail = tail;
            doorbells.ring(2 * id, tail);
        }
    }

    /// Takes the completions that are there.
    ///
    /// @return how many
    /// @throws ControllerException for one of a command that is not in flight
    int poll(CompletionListener listener) {
        int taken = 0;
        while (taken < entries) {
            long at = (long) head * CQ_ENTRY_SIZE;
            int word = (int) Words.SHARED.getAcquire(cq, at + CQ_LAST_WORD);
            if ((word >>> Short.SIZE & 1) != phase) {
                break;
            }
            int result = cq.get(Words.INT, at);
            advance();
            taken++;
            int commandId = word & 0xffff;
            release(commandId);
            listener.completed(commandId, word >>> (Short.SIZE + 1), result);
        }
        if (taken > 0) {
            doorbells.ring(2 * id + 1, head);
        }
        return taken;
    }

    /// Gives the memory back.
    @Override
    public void close() {
        sqMemory.close();
        cqMemory.close();
    }

    private void advance() {
        head++;
        if (head == entries) {
            head = 0;
            phase ^= 1;
        }
    }

    private void release(int commandId) {
        if (commandId >= inFlight.length || !inFlight[commandId]) {
            throw new ControllerException(
                    "queue %d: completion of command 0x%x (expected: one in flight)"
                            .formatted(id, commandId));
        }
        inFlight[commandId] = false;
        freeIds[free++] = commandId;
    }
}
