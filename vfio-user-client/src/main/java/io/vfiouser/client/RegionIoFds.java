package io.vfiouser.client;

import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DeviceGetRegionIoFds;
import io.vfiouser.protocol.SubRegionFd;
import java.util.List;
import java.util.Objects;

/// The parts of a region whose accesses go to descriptors, with those descriptors.
///
/// Whoever gets one closes it; descriptors taken out before are not affected.
///
/// @param reply the description
/// @param descriptors what came with it, by the indexes in the entries
public record RegionIoFds(DeviceGetRegionIoFds.Reply reply, FdBundle descriptors)
        implements AutoCloseable {
    /// Checks that both are there.
    public RegionIoFds {
        Objects.requireNonNull(reply, "reply");
        Objects.requireNonNull(descriptors, "descriptors");
    }

    /// The parts; none if the region has no such descriptors.
    public List<SubRegionFd> entries() {
        return reply.entries();
    }

    @Override
    public void close() {
        descriptors.close();
    }
}
