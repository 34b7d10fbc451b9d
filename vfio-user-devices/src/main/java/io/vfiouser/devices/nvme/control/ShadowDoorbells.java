package io.vfiouser.devices.nvme.control;

import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.nvme.engine.HostDoorbells;
import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.guest.Window;
import io.vfiouser.devices.nvme.queue.CompletionQueue;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// Doorbells that the host leaves in a page of its own memory, with a second page in which the
/// controller says from which value on it wants a register write (NVMe 1.4: "Doorbell Buffer Config
/// command"). The admin queue has none.
final class ShadowDoorbells implements HostDoorbells {
    private static final int PAIR_SIZE = 8;
    private static final int COMPLETION_AT = 4;
    private static final int PAGE_SIZE = 4096;

    private final GuestWindows windows;
    private final long shadow;
    private final long eventIndexes;
    private int generation;
    private @Nullable Window values;
    private @Nullable Window events;

    ShadowDoorbells(GuestWindows windows, long shadow, long eventIndexes) {
        this.windows = windows;
        this.shadow = shadow;
        this.eventIndexes = eventIndexes;
        this.generation = windows.generation() - 1;
    }

    /// Whether both pages are in memory that is mapped here.
    boolean isReachable() {
        locate();
        return values != null && events != null;
    }

    long shadow() {
        return shadow;
    }

    long eventIndexes() {
        return eventIndexes;
    }

    /// Tells the host where a queue is, that has been in use before.
    void publish(SubmissionQueue queue) {
        write(values(), shadow, at(queue), queue.tail());
        write(events(), eventIndexes, at(queue), queue.tail());
    }

    /// Tells the host where a queue is, that has been in use before.
    void publish(CompletionQueue queue) {
        write(values(), shadow, at(queue), queue.head());
        write(events(), eventIndexes, at(queue), queue.head());
    }

    @Override
    public void look(SubmissionQueue queue) {
        Window page = values();
        if (queue.id() != 0 && page != null) {
            queue.ring(read(page, at(queue)));
        }
    }

    @Override
    public boolean sleep(SubmissionQueue queue) {
        if (queue.id() != 0) {
            write(events(), eventIndexes, at(queue), queue.tail());
            VarHandle.fullFence(); // the host stores its tail, then loads the event index
            look(queue);
        }
        return queue.isEmpty();
    }

    @Override
    public void look(CompletionQueue queue) {
        Window page = values();
        if (queue.id() == 0 || page == null) {
            return;
        }
        queue.ring(read(page, at(queue)));
        write(events(), eventIndexes, at(queue), queue.head());
        VarHandle.fullFence();
        queue.ring(read(page, at(queue)));
    }

    private long read(Window page, long at) {
        MemorySegment memory = page.segment();
        int value = memory.get(LittleEndian.INT, shadow - page.iova() + at);
        VarHandle.acquireFence();
        return value & 0xffff_ffffL;
    }

    private void write(@Nullable Window page, long base, long at, int value) {
        if (page != null) {
            page.segment().set(LittleEndian.INT, base - page.iova() + at, value);
            windows.written(base + at, Integer.BYTES);
        }
    }

    private @Nullable Window values() {
        locate();
        return values;
    }

    private @Nullable Window events() {
        locate();
        return events;
    }

    private void locate() {
        if (generation != windows.generation()) {
            values = windows.direct(shadow, PAGE_SIZE, true);
            events = windows.direct(eventIndexes, PAGE_SIZE, true);
            generation = windows.generation();
        }
    }

    private static long at(SubmissionQueue queue) {
        return (long) queue.id() * PAIR_SIZE;
    }

    private static long at(CompletionQueue queue) {
        return (long) queue.id() * PAIR_SIZE + COMPLETION_AT;
    }
}
