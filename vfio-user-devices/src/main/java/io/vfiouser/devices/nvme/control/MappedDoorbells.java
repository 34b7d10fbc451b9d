package io.vfiouser.devices.nvme.control;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.nvme.engine.HostDoorbells;
import io.vfiouser.devices.nvme.queue.CompletionQueue;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;
import io.vfiouser.devices.nvme.spec.RegisterOffset;
import io.vfiouser.os.SharedMemory;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// Doorbells in memory that the client maps: it writes them without a message, so somebody has to
/// look.
final class MappedDoorbells implements HostDoorbells {
    private static final int PAIR_SIZE = 8;
    private static final int COMPLETION_AT = 4;
    private static final int PAGE_SIZE = 4096;

    private final SharedMemory memory;
    private @Nullable MemorySegment page;

    /// @param memory as large as BAR0; borrowed
    MappedDoorbells(SharedMemory memory) {
        this.memory = memory;
    }

    @Override
    public void look(SubmissionQueue queue) {
        queue.ring(read(at(queue)));
    }

    /// Nobody is told to ring: the next look finds what comes.
    @Override
    public boolean sleep(SubmissionQueue queue) {
        look(queue);
        return queue.isEmpty();
    }

    @Override
    public void look(CompletionQueue queue) {
        queue.ring(read(at(queue)));
    }

    /// A queue begins at 0, whatever the host left there.
    void clear(SubmissionQueue queue) {
        write(at(queue), 0);
    }

    /// A queue begins at 0, whatever the host left there.
    void clear(CompletionQueue queue) {
        write(at(queue), 0);
    }

    /// A queue goes on where it was in another process.
    void publish(SubmissionQueue queue) {
        write(at(queue), queue.tail());
    }

    /// A queue goes on where it was in another process.
    void publish(CompletionQueue queue) {
        write(at(queue), queue.head());
    }

    /// All queues are gone.
    void clear() {
        if (page != null) {
            page.asSlice(RegisterOffset.DOORBELLS, PAGE_SIZE).fill((byte) 0);
        }
    }

    /// Takes a write that came as a message.
    ///
    /// @param offset in BAR0
    void write(long offset, int value) {
        page().set(LittleEndian.INT, offset, value);
    }

    /// Shows what a message asks for.
    ///
    /// @param offset in BAR0
    void read(long offset, MemorySegment into) {
        MemorySegment.copy(page(), offset, into, 0, into.byteSize());
    }

    private long read(long at) {
        int value = page().get(LittleEndian.INT, at);
        VarHandle.acquireFence();
        return value & 0xffff_ffffL;
    }

    private MemorySegment page() {
        MemorySegment mapped = page;
        if (mapped == null) {
            mapped = memory.segment();
            page = mapped;
        }
        return mapped;
    }

    private static long at(SubmissionQueue queue) {
        return RegisterOffset.DOORBELLS + (long) queue.id() * PAIR_SIZE;
    }

    private static long at(CompletionQueue queue) {
        return RegisterOffset.DOORBELLS + (long) queue.id() * PAIR_SIZE + COMPLETION_AT;
    }
}
