package io.vfiouser.server.dma;

import io.vfiouser.device.memory.DmaRange;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Regions on their way out: no new lease is granted, and they go once nobody uses them.
///
/// The session asks the device to quiesce, waits with [#whenUnused], then calls [#finish] and
/// replies; or [#cancel] if the device refuses. Until then the regions stay in the table, and
/// copies through [GuestMemoryView] still work, so that a device can finish what it has begun.
/// Belongs to the session's loop.
public final class PendingUnmap {
    private final DmaTable table;
    private final List<DmaRegion> regions;
    private final Iterator<DmaRegion> left;
    private int usedRegions;
    private @Nullable Runnable whenUnused;
    private boolean over;

    PendingUnmap(DmaTable table, List<DmaRegion> regions) {
        this.table = table;
        this.regions = List.copyOf(regions);
        this.left = this.regions.iterator();
        for (DmaRegion region : regions) {
            region.setUnmap(this);
            usedRegions += region.users() == 0 ? 0 : 1;
        }
    }

    /// How many regions there are.
    public int size() {
        return regions.size();
    }

    /// The regions, in the order in which they were mapped; empty when everything was to go and
    /// there was nothing.
    public List<DmaRange> ranges() {
        return regions.stream().map(DmaRegion::range).toList();
    }

    /// How many leases are open and transfers are under way in these regions.
    public int users() {
        return regions.stream().mapToInt(DmaRegion::users).sum();
    }

    /// Runs `action` once when [#users] is 0: at once, or at the end of the last use. Not at all
    /// after [#cancel] or the end of the session.
    ///
    /// @param action may run within a callback of the device, the one that closes its last lease;
    ///   so it should leave calls to the device to a task of the loop
    /// @throws IllegalStateException if an action waits already
    public void whenUnused(Runnable action) {
        if (whenUnused != null) {
            throw new IllegalStateException("whenUnused: set already (expected: one action)");
        }
        if (usedRegions == 0) {
            action.run();
        } else {
            whenUnused = action;
        }
    }

    /// Takes the regions away.
    ///
    /// @throws IllegalStateException if they are still used
    /// @throws io.vfiouser.os.NativeCallException if the kernel refuses to unmap one; those not
    ///   taken away yet are as after [#cancel]
    public void finish() {
        if (over || table.isClosed()) {
            return;
        }
        if (usedRegions != 0) {
            throw new IllegalStateException("users: " + users() + " (expected: 0, see whenUnused)");
        }
        try {
            regions.forEach(table::withdraw);
        } finally {
            cancel();
        }
    }

    /// Makes the regions, which are all of the table, unknown to the device at once; their memory
    /// then goes by [#giveBack]. The kernel takes some microseconds for each mapping, and others
    /// wait.
    ///
    /// @throws IllegalStateException if they are still used
    public void hide() {
        if (usedRegions != 0) {
            throw new IllegalStateException("users: " + users() + " (expected: 0, see whenUnused)");
        }
        table.hideAll();
    }

    /// Gives the memory of some hidden regions back. The end of the session does not change that.
    ///
    /// @param most regions of this call
    /// @return whether none is left
    /// @throws io.vfiouser.os.NativeCallException if the kernel refuses to unmap one, which then
    ///   stays; further calls take the others
    public boolean giveBack(int most) {
        for (int i = 0; i < most && left.hasNext(); i++) {
            table.giveBack(left.next());
        }
        return !left.hasNext();
    }

    /// Leaves the regions as they were before, but for those that are hidden.
    public void cancel() {
        over = true;
        whenUnused = null;
        for (DmaRegion region : regions) {
            region.setUnmap(null);
        }
    }

    /// One of the regions has a user again: a copy by message or file has begun.
    void regionTaken() {
        usedRegions++;
    }

    /// One of the regions has no users any more.
    void regionReleased() {
        usedRegions--;
        Runnable action = whenUnused;
        if (action != null && usedRegions == 0 && !table.isClosed()) {
            whenUnused = null;
            action.run();
        }
    }
}
