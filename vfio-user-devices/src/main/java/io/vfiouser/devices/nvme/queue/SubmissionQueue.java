package io.vfiouser.devices.nvme.queue;

import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.spec.Limits;
import java.lang.foreign.MemorySegment;

/// One submission queue (NVMe 1.4: "Submission Queue & Completion Queue Definition"). The
/// controller owns the head, the host the tail, which comes with doorbells.
public final class SubmissionQueue {
    private final int id;
    private final CompletionQueue completions;
    private final Ring ring;
    private int head;
    private int tail;
    private int inFlight;
    private boolean fetching;
    private boolean deleted;

    /// An empty queue.
    ///
    /// @param id 0 for the admin queue
    /// @param entries 2 to [Limits#QUEUE_ENTRIES]
    /// @param completions where its commands are completed
    public SubmissionQueue(
            GuestWindows windows, int id, long iova, int entries, CompletionQueue completions) {
        this.id = id;
        this.completions = completions;
        this.ring = new Ring(windows, iova, Limits.SQ_ENTRY_SIZE, entries, false);
    }

    /// Its number, 0 for the admin queue.
    public int id() {
        return id;
    }

    /// Where its commands are completed.
    public CompletionQueue completions() {
        return completions;
    }

    /// The guest's address of its first entry.
    public long iova() {
        return ring.iova();
    }

    /// How many entries its ring has.
    public int entries() {
        return ring.entries();
    }

    /// The entry that is fetched next.
    public int head() {
        return head;
    }

    /// The first entry that the host has not filled.
    public int tail() {
        return tail;
    }

    /// Whether everything is fetched.
    public boolean isEmpty() {
        return head == tail;
    }

    /// Takes a doorbell.
    ///
    /// @param value unsigned, as the host wrote it
    /// @return whether it is an index of this queue
    public boolean ring(long value) {
        if (value >= ring.entries()) {
            return false;
        }
        tail = (int) value;
        return true;
    }

    /// Puts both ends where another process had them.
    public void restore(int head, int tail) {
        this.head = head;
        this.tail = tail;
    }

    /// Copies the entry at the head, if the ring is in memory that is mapped here, and goes on by
    /// one.
    ///
    /// @return whether it is
    public boolean fetch(SubmissionEntry into) {
        MemorySegment memory = ring.segment();
        if (memory == null) {
            return false;
        }
        into.load(memory, ring.offset(head));
        advance();
        return true;
    }

    /// The guest's address of the entry at the head.
    public long headAddress() {
        return ring.address(head);
    }

    /// Goes on by one entry.
    public void advance() {
        int next = head + 1;
        head = next == ring.entries() ? 0 : next;
    }

    /// How many of its commands are at work.
    public int inFlight() {
        return inFlight;
    }

    /// One more command is at work.
    public void begin() {
        inFlight++;
    }

    /// One command less is at work.
    public void end() {
        inFlight--;
    }

    /// Whether an entry is being fetched by message.
    public boolean isFetching() {
        return fetching;
    }

    /// Notes that an entry is being fetched by message, or no longer.
    public void setFetching(boolean fetching) {
        this.fetching = fetching;
    }

    /// Whether the host has deleted it: nothing more is fetched.
    public boolean isDeleted() {
        return deleted;
    }

    /// The host deletes it.
    public void delete() {
        deleted = true;
    }
}
