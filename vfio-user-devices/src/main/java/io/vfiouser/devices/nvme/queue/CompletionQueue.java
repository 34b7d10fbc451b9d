package io.vfiouser.devices.nvme.queue;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.spec.Limits;
import io.vfiouser.os.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/// One completion queue (NVMe 1.4: "Completion Queue Entry"). The controller owns the tail and the
/// phase, the host the head, which comes with doorbells.
public final class CompletionQueue {
    private final int id;
    private final int vector;
    private final boolean interrupts;
    private final Ring ring;
    private int head;
    private int tail;
    private int phase = 1;
    private int submissionQueues;
    private boolean interruptDue;
    private int fresh;

    /// An empty queue.
    ///
    /// @param id 0 for the admin queue
    /// @param entries 2 to [Limits#QUEUE_ENTRIES]
    /// @param vector the interrupt vector
    /// @param interrupts whether it interrupts at all
    public CompletionQueue(
            GuestWindows windows, int id, long iova, int entries, int vector, boolean interrupts) {
        this.id = id;
        this.vector = vector;
        this.interrupts = interrupts;
        this.ring = new Ring(windows, iova, Limits.CQ_ENTRY_SIZE, entries, true);
    }

    /// Its number, 0 for the admin queue.
    public int id() {
        return id;
    }

    /// The guest's address of its first entry.
    public long iova() {
        return ring.iova();
    }

    /// How many entries its ring has.
    public int entries() {
        return ring.entries();
    }

    /// The interrupt vector.
    public int vector() {
        return vector;
    }

    /// Whether it interrupts at all.
    public boolean interrupts() {
        return interrupts;
    }

    /// The entry that the host looks at next.
    public int head() {
        return head;
    }

    /// The entry that is written next.
    public int tail() {
        return tail;
    }

    /// The phase of the entry that is written next, 0 or 1.
    public int phase() {
        return phase;
    }

    /// Whether the host has seen everything.
    public boolean isEmpty() {
        return head == tail;
    }

    /// Whether one more entry fits.
    public boolean hasRoom() {
        int next = tail + 1;
        return (next == ring.entries() ? 0 : next) != head;
    }

    /// Takes a doorbell.
    ///
    /// @param value unsigned, as the host wrote it
    /// @return whether it is an index of this queue that the host may have come to
    public boolean ring(long value) {
        if (value >= ring.entries() || distance((int) value) > distance(tail)) {
            return false;
        }
        head = (int) value;
        return true;
    }

    /// Puts everything where another process had it.
    public void restore(int head, int tail, int phase) {
        this.head = head;
        this.tail = tail;
        this.phase = phase;
    }

    /// Writes an entry; there must be room.
    ///
    /// @param result command specific, dword 0 in the lower half
    /// @param status with type, code and flags, without the phase
    /// @return done when it is in guest memory
    /// @throws io.vfiouser.device.outcome.DeviceException if the ring is nowhere
    public Completion post(
            long result, int submissionHead, int submissionId, int commandId, int status) {
        long second =
                submissionHead
                        | (long) submissionId << 16
                        | (long) commandId << 32
                        | (long) (status << 1 | phase) << 48;
        int at = tail;
        fresh++;
        advance();
        MemorySegment memory = ring.segment();
        if (memory == null) {
            return postByCopy(ring.address(at), result, second);
        }
        long offset = ring.offset(at);
        memory.set(LittleEndian.LONG, offset, result);
        VarHandle.releaseFence(); // the phase goes last
        memory.set(LittleEndian.LONG, offset + 8, second);
        ring.windows().written(ring.address(at), Limits.CQ_ENTRY_SIZE);
        return Completion.DONE;
    }

    /// How many submission queues use it.
    public int submissionQueues() {
        return submissionQueues;
    }

    /// One more submission queue uses it, or (-1) one less.
    public void use(int change) {
        submissionQueues += change;
    }

    /// Whether entries were written for which no interrupt has been sent.
    public boolean isInterruptDue() {
        return interruptDue;
    }

    /// Notes that entries were written, or that their interrupt was sent.
    public void setInterruptDue(boolean due) {
        interruptDue = due;
    }

    /// How many entries were written since this was asked last.
    int takeFresh() {
        int count = fresh;
        fresh = 0;
        return count;
    }

    private Completion postByCopy(long address, long result, long second) {
        MemorySegment entry = NativeMemory.allocate(Limits.CQ_ENTRY_SIZE);
        entry.set(LittleEndian.LONG, 0, result);
        entry.set(LittleEndian.LONG, 8, second);
        return ring.windows().memory().write(address, entry);
    }

    private void advance() {
        tail++;
        if (tail == ring.entries()) {
            tail = 0;
            phase ^= 1;
        }
    }

    /// How many entries `index` is ahead of the head.
    private int distance(int index) {
        int ahead = index - head;
        return ahead < 0 ? ahead + ring.entries() : ahead;
    }
}
