package io.vfiouser.server.pci;

import io.vfiouser.device.pci.CustomCapability;
import io.vfiouser.device.pci.PlacedCapability;
import io.vfiouser.device.region.RegionHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;

/// Lays the handlers of capabilities that the device answers for itself over the config space; the
/// capabilities' headers stay the config space's.
public final class HandledCapabilities {
    private HandledCapabilities() {}

    /// The handler of the whole config space: `config` itself if the device answers for no
    /// capability.
    ///
    /// @param config the handler of all the rest
    /// @param loop the device's loop: a piece of an access that follows one that the device
    ///   completed later runs there
    public static RegionHandler over(
            RegionHandler config, List<PlacedCapability> capabilities, Executor loop) {
        var windows = new ArrayList<RegionOverlay.Window>();
        for (PlacedCapability placed : capabilities) {
            if (placed.capability() instanceof CustomCapability custom) {
                int at = placed.offset();
                custom.handler()
                        .map(handler ->
                                new RegionOverlay.Window(
                                        at, at + custom.headerSize(), placed.end(), handler))
                        .ifPresent(windows::add);
            }
        }
        return RegionOverlay.over(config, windows, loop);
    }
}
