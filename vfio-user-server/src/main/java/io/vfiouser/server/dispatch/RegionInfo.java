package io.vfiouser.server.dispatch;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.device.region.Region;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.RegionCapability;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.SparseMmapArea;
import io.vfiouser.server.region.RegionTable;
import java.util.List;
import java.util.Optional;

/// DEVICE_GET_REGION_INFO.
///
/// A mappable region needs two round trips: the first reply says how long the second must be. The
/// descriptor goes with the reply that has the areas, one for all of them; that of a region which
/// is not writable allows no writable mapping.
final class RegionInfo {
    private final RegionTable regions;

    RegionInfo(RegionTable regions) {
        this.regions = regions;
    }

    Answer info(DeviceGetRegionInfo request) {
        Optional<Region> found = regions.find(request.region());
        if (found.isEmpty()) {
            return Answer.now(
                    DeviceGetRegionInfo.Reply.to(request, RegionFlags.NONE, 0, 0, List.of()));
        }
        Region region = found.get();
        if (region.mappable().isEmpty()) {
            return Answer.now(
                    DeviceGetRegionInfo.Reply.to(
                            request, flags(region), region.size(), 0, List.of()));
        }
        return mappable(request, region, region.mappable().get());
    }

    private static Answer mappable(
            DeviceGetRegionInfo request, Region region, MappableMemory memory) {
        List<SparseMmapArea> areas =
                memory.areas().stream()
                        .map(area -> new SparseMmapArea(area.offset(), area.size()))
                        .toList();
        DeviceGetRegionInfo.Reply reply =
                DeviceGetRegionInfo.Reply.to(
                        request,
                        flags(region).with(RegionFlags.MMAP),
                        region.size(),
                        memory.fileOffset(),
                        List.of(new RegionCapability.SparseMmap(areas)));
        if (reply.capabilities().isEmpty()) {
            return Answer.now(reply);
        }
        FileDescriptor descriptor =
                region.writable()
                        ? memory.memory().duplicate()
                        : memory.memory().duplicateReadOnly();
        return new Answer.Now(reply, FdBundle.of(descriptor));
    }

    private static RegionFlags flags(Region region) {
        RegionFlags flags = RegionFlags.NONE;
        if (region.readable()) {
            flags = flags.with(RegionFlags.READ);
        }
        if (region.writable()) {
            flags = flags.with(RegionFlags.WRITE);
        }
        return flags;
    }
}
