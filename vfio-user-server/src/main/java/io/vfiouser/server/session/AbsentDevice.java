package io.vfiouser.server.session;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// What stands in the place of a device that has been given up: it has the same regions, reads all
/// ones, takes no writes, and hears of nothing. So does a slot whose card was pulled out.
record AbsentDevice(DeviceLayout layout) implements Device {
    private static final RegionHandler ALL_ONES =
            new RegionHandler() {
                @Override
                public Completion read(long offset, MemorySegment into) {
                    into.fill((byte) 0xff);
                    return Completion.DONE;
                }

                @Override
                public Completion write(long offset, MemorySegment from) {
                    return Completion.DONE;
                }
            };

    /// The region as it looks from now on; clients cannot map it any more.
    static Region absent(Region region) {
        return new Region(
                region.size(), ALL_ONES, region.readable(), region.writable(), Optional.empty());
    }
}
