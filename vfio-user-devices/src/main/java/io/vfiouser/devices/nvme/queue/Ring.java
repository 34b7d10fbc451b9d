package io.vfiouser.devices.nvme.queue;

import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.guest.Window;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// The memory of one queue: entries of one size, one after the other. Looked up once and remembered
/// until the windows are released.
final class Ring {
    private final GuestWindows windows;
    private final long iova;
    private final int entrySize;
    private final int entries;
    private final boolean write;
    private @Nullable MemorySegment segment;
    private long base;
    private int generation;

    Ring(GuestWindows windows, long iova, int entrySize, int entries, boolean write) {
        this.windows = windows;
        this.iova = iova;
        this.entrySize = entrySize;
        this.entries = entries;
        this.write = write;
        this.generation = windows.generation() - 1;
    }

    long iova() {
        return iova;
    }

    int entries() {
        return entries;
    }

    GuestWindows windows() {
        return windows;
    }

    /// The segment that the ring lies in, or null if it is not all in one mapped region.
    @Nullable MemorySegment segment() {
        if (generation != windows.generation()) {
            locate();
        }
        return segment;
    }

    /// Where an entry is in [#segment()].
    long offset(int index) {
        return base + (long) index * entrySize;
    }

    /// The guest's address of an entry.
    long address(int index) {
        return iova + (long) index * entrySize;
    }

    private void locate() {
        Window window = windows.direct(iova, (long) entries * entrySize, write);
        segment = window == null ? null : window.segment();
        base = window == null ? 0 : iova - window.iova();
        generation = windows.generation();
    }
}
