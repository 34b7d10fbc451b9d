package io.vfiouser.it.vmm;

import io.vfiouser.testkit.vmm.FakeVmm;
import io.vfiouser.testkit.vmm.GuestBuffer;
import io.vfiouser.testkit.vmm.PciBar;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;

/// A submission queue and its completion queue, in the machine's memory. One thread at a time.
public final class DriverQueue {
    private static final int DOORBELLS = 0x1000;
    private static final int SQ_ENTRY_SIZE = 64;
    private static final int CQ_ENTRY_SIZE = 16;

    private final PciBar registers;
    private final int id;
    private final int entries;
    private final GuestBuffer submissions;
    private final GuestBuffer completions;
    private final BitSet inFlight = new BitSet();
    private int tail;
    private int head;
    private int phase = 1;

    DriverQueue(FakeVmm vmm, PciBar registers, int id, int entries) {
        this.registers = registers;
        this.id = id;
        this.entries = entries;
        this.submissions = vmm.allocate((long) entries * SQ_ENTRY_SIZE);
        this.completions = vmm.allocate((long) entries * CQ_ENTRY_SIZE);
    }

    long submissionAddress() {
        return submissions.iova();
    }

    long completionAddress() {
        return completions.iova();
    }

    /// Commands whose completion has not been taken.
    public int inFlight() {
        return inFlight.cardinality();
    }

    /// Hands a command to the controller.
    ///
    /// @param prp address of its data, one page at most
    /// @return its id, below the number of entries
    int submit(int opcode, int namespace, long prp, long dwords10, int dword12) {
        int command = inFlight.nextClearBit(0);
        if (command >= entries - 1) {
            throw new IllegalStateException(
                    "queue " + id + ": " + inFlight() + " commands (expected: fewer)");
        }
        inFlight.set(command);
        MemorySegment entry =
                submissions.segment().asSlice((long) tail * SQ_ENTRY_SIZE, SQ_ENTRY_SIZE);
        entry.fill((byte) 0);
        entry.set(ValueLayout.JAVA_INT, 0, command << Short.SIZE | opcode);
        entry.set(ValueLayout.JAVA_INT, 4, namespace);
        entry.set(ValueLayout.JAVA_LONG, 24, prp);
        entry.set(ValueLayout.JAVA_LONG, 40, dwords10);
        entry.set(ValueLayout.JAVA_INT, 48, dword12);
        tail = (tail + 1) % entries;
        registers.post(DOORBELLS + 8L * id, Integer.BYTES, tail);
        return command;
    }

    /// Takes the completions that are there.
    ///
    /// @return how many
    /// @throws AssertionError for one of a command that is not in flight
    public int poll(Completions listener) {
        int taken = 0;
        while (true) {
            MemorySegment entry =
                    completions.segment().asSlice((long) head * CQ_ENTRY_SIZE, CQ_ENTRY_SIZE);
            int last = (int) ValueLayout.JAVA_INT.varHandle().getAcquire(entry, 12L);
            if ((last >>> Short.SIZE & 1) != phase) {
                break;
            }
            int command = last & 0xffff;
            if (!inFlight.get(command)) {
                throw new AssertionError(
                        "completion of command %d (expected: one of %s)"
                                .formatted(command, inFlight));
            }
            inFlight.clear(command);
            head = (head + 1) % entries;
            phase = head == 0 ? 1 - phase : phase;
            taken++;
            listener.completed(command, last >>> (Short.SIZE + 1));
        }
        if (taken > 0) {
            registers.post(DOORBELLS + 8L * id + 4, Integer.BYTES, head);
        }
        return taken;
    }

    /// Who is told of completions.
    @FunctionalInterface
    public interface Completions {
        /// A command has ended.
        ///
        /// @param status 0 if well
        void completed(int command, int status);
    }
}
