package io.vfiouser.server.pci;

import io.vfiouser.device.region.RegionHandler;
import java.util.ArrayList;
import java.util.concurrent.Executor;

/// Lays an [MsixTable] over a device's handler of a BAR: what falls into the table or the pending
/// bits goes there, all else to the device, unchanged. An access that straddles is cut, and its
/// pieces are done one after the other.
public final class MsixOverlay {
    private MsixOverlay() {}

    /// The handler for one BAR: `device` itself if neither table nor pending bits lie in it.
    ///
    /// @param bar index of the BAR, 0 to 5
    /// @param device the device's handler for that BAR
    /// @param loop the device's loop: a piece that follows one that the device completed later runs
    ///   there
    public static RegionHandler over(
            int bar, RegionHandler device, MsixTable table, Executor loop) {
        var placed = table.capability();
        var windows = new ArrayList<RegionOverlay.Window>(2);
        if (placed.tableBar() == bar) {
            windows.add(
                    RegionOverlay.Window.of(
                            placed.tableOffset(), placed.tableSize(), table.entries()));
        }
        if (placed.pendingBar() == bar) {
            windows.add(
                    RegionOverlay.Window.of(
                            placed.pendingOffset(), placed.pendingSize(), table.pendingBits()));
        }
        return RegionOverlay.over(device, windows, loop);
    }
}
