package io.vfiouser.devices.nvme.guest;

import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.devices.block.SegmentList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The client's memory regions, each leased as a whole from its first use until [#release()]: what
/// an access costs is a look-up among a few ranges, and no object.
///
/// Belongs to the device's loop. The device tells about regions that come and go, releases when it
/// must be quiet, and marks what it wrote ([#written]).
public final class GuestWindows {
    private final List<Window> windows = new ArrayList<>();
    private GuestMemory memory;
    private @Nullable Window last;
    private int generation;

    /// Windows of nothing.
    ///
    /// @param memory the client's
    public GuestWindows(GuestMemory memory) {
        this.memory = memory;
    }

    /// Begins anew with another client.
    public void attach(GuestMemory memory) {
        release();
        windows.clear();
        this.memory = memory;
        memory.ranges().forEach(this::add);
    }

    /// The client has mapped a region.
    public void add(DmaRange range) {
        windows.add(new Window(range));
        windows.sort(Comparator.comparingLong(window -> window.iova() ^ Long.MIN_VALUE));
        generation++;
    }

    /// The client has unmapped a region.
    public void remove(DmaRange range) {
        release();
        windows.removeIf(window -> window.range().equals(range));
    }

    /// Gives all leases back. What was found before must not be used any more, which
    /// [#generation()] tells.
    public void release() {
        last = null;
        generation++;
        for (Window window : windows) {
            window.release();
        }
    }

    /// Changes whenever segments that were found before may have become stale.
    public int generation() {
        return generation;
    }

    /// The client's memory, for what is not mapped here.
    public GuestMemory memory() {
        return memory;
    }

    /// The window that has all of a range in memory that is mapped here; null if there is none, be
    /// it because the range crosses regions, is reached by messages, or is nowhere.
    ///
    /// @param length bytes, at least 1
    public @Nullable Window direct(long iova, long length, boolean write) {
        Window window = find(iova);
        return window != null
                        && window.permits(write)
                        && window.within(iova, length) == length
                        && window.open(memory)
                ? window
                : null;
    }

    /// Puts the memory of some ranges into `into`.
    ///
    /// @return whether all of it is mapped here; if not, `into` has a part
    public boolean resolve(Extents extents, boolean write, SegmentList into) {
        for (int i = 0; i < extents.count(); i++) {
            if (!resolve(extents.iova(i), extents.length(i), write, into)) {
                return false;
            }
        }
        return true;
    }

    /// Whether the client has mapped all of a range, and lets the device have it.
    public boolean isMapped(long iova, long length, boolean write) {
        if (Iova.wraps(iova, length)) {
            return false;
        }
        for (long done = 0; done != length; ) {
            Window window = find(iova + done);
            if (window == null || !window.permits(write)) {
                return false;
            }
            done += window.within(iova + done, length - done);
        }
        return true;
    }

    /// Says that the device has written to a range in leased memory.
    public void written(long iova, long length) {
        memory.markDirty(iova, length);
    }

    private boolean resolve(long iova, long length, boolean write, SegmentList into) {
        if (Iova.wraps(iova, length)) {
            return false;
        }
        for (long done = 0; done != length; ) {
            long at = iova + done;
            Window window = find(at);
            if (window == null || !window.permits(write) || !window.open(memory)) {
                return false;
            }
            long count = window.within(at, length - done);
            into.add(window.segment(), at - window.iova(), count);
            done += count;
        }
        return true;
    }

    private @Nullable Window find(long iova) {
        Window recent = last;
        if (recent != null && recent.has(iova)) {
            return recent;
        }
        Window found = search(iova);
        if (found != null) {
            last = found;
        }
        return found;
    }

    private @Nullable Window search(long iova) {
        int low = 0;
        int high = windows.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            Window window = windows.get(middle);
            if (window.has(iova)) {
                return window;
            }
            if (Long.compareUnsigned(window.iova(), iova) < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return null;
    }
}
