package io.vfiouser.client;

import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.RegionCapability;
import io.vfiouser.protocol.RegionFlags;
import io.vfiouser.protocol.SparseMmapArea;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// One region as the server describes it, with the descriptor to map it, all capabilities included.
///
/// Whoever gets one closes it; descriptors taken out before are not affected.
///
/// @param reply the description
/// @param descriptors what came with it: usually one for all areas, from old servers one per area
public record RegionInfo(DeviceGetRegionInfo.Reply reply, FdBundle descriptors)
        implements AutoCloseable {
    /// Checks that both are there.
    public RegionInfo {
        Objects.requireNonNull(reply, "reply");
        Objects.requireNonNull(descriptors, "descriptors");
    }

    /// The index of the region.
    public int region() {
        return reply.region();
    }

    /// Bytes, unsigned; 0 for an unused region.
    public long size() {
        return reply.size();
    }

    /// What can be done with the region.
    public RegionFlags flags() {
        return reply.flags();
    }

    /// Where the region starts in the file behind the descriptor.
    public long offset() {
        return reply.offset();
    }

    /// What the server says beyond size and flags.
    public List<RegionCapability> capabilities() {
        return reply.capabilities();
    }

    /// The areas that can be mapped, in the order of the server: those of the sparse mmap
    /// capability, or the whole region if it is mappable without one. Empty if no descriptor came.
    public List<SparseMmapArea> mappableAreas() {
        if (!flags().mappable() || descriptors.isEmpty()) {
            return List.of();
        }
        var areas = new ArrayList<SparseMmapArea>();
        boolean sparse = false;
        for (RegionCapability capability : capabilities()) {
            if (capability instanceof RegionCapability.SparseMmap(var some)) {
                sparse = true;
                areas.addAll(some);
            }
        }
        return sparse ? List.copyOf(areas) : List.of(new SparseMmapArea(0, size()));
    }

    @Override
    public void close() {
        descriptors.close();
    }
}
