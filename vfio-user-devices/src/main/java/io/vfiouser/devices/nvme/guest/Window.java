package io.vfiouser.devices.nvme.guest;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.device.outcome.DeviceException;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/// One region of client memory, with a lease on all of it once it was needed.
public final class Window {
    private final DmaRange range;
    private @Nullable Lease lease;
    private @Nullable MemorySegment segment;

    Window(DmaRange range) {
        this.range = range;
    }

    /// The first address.
    public long iova() {
        return range.iova();
    }

    /// The memory of the region; offset 0 is [#iova()]. Valid until the windows are released.
    ///
    /// @throws IllegalStateException if the region is not leased; see [GuestWindows#direct]
    public MemorySegment segment() {
        MemorySegment leased = segment;
        if (leased == null) {
            throw new IllegalStateException("window: " + range + " (expected: leased)");
        }
        return leased;
    }

    DmaRange range() {
        return range;
    }

    boolean has(long iova) {
        return Iova.contains(range.iova(), range.length(), iova, 1);
    }

    /// How many of `length` bytes from `iova` on lie in this region, which has `iova`.
    long within(long iova, long length) {
        long room = range.length() - (iova - range.iova());
        return Long.compareUnsigned(length, room) <= 0 ? length : room;
    }

    boolean permits(boolean write) {
        return write ? range.writable() : range.readable();
    }

    /// Takes the lease if that is still to be done; false if there is none to be had.
    boolean open(GuestMemory memory) {
        return segment != null || openNow(memory);
    }

    void release() {
        segment = null;
        Lease open = lease;
        if (open != null) {
            lease = null;
            open.close();
        }
    }

    private boolean openNow(GuestMemory memory) {
        if (!range.direct() || !(range.readable() || range.writable())) {
            return false;
        }
        try {
            Lease taken = memory.standingLease(range.iova(), range.length(), mode());
            lease = taken;
            segment = taken.segment(0);
            return true;
        } catch (DeviceException _) {
            return false; // bus mastering is off, or the client is unmapping it
        }
    }

    private AccessMode mode() {
        if (!range.writable()) {
            return AccessMode.READ;
        }
        return range.readable() ? AccessMode.READ_WRITE : AccessMode.WRITE;
    }
}
