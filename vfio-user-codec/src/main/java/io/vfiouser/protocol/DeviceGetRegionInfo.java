package io.vfiouser.protocol;

import java.util.List;
import java.util.Objects;

/// Asks for one region (spec: "VFIO_USER_DEVICE_GET_REGION_INFO").
///
/// | field      | offset | bytes |
/// |------------|--------|-------|
/// | argsz      | 0      | 4     |
/// | flags      | 4      | 4     |
/// | index      | 8      | 4     |
/// | cap_offset | 12     | 4     |
/// | size       | 16     | 8     |
/// | offset     | 24     | 8     |
///
/// In the reply capabilities follow, as a chain that starts at `cap_offset`.
///
/// @param argsz bytes of the largest reply payload the client takes, at least 32
/// @param region index of the region
public record DeviceGetRegionInfo(long argsz, int region) implements ClientRequest {
    /// Checks the ranges.
    public DeviceGetRegionInfo {
        Checks.u32("argsz", argsz);
        Checks.notNegative("region", region);
    }

    @Override
    public int commandId() {
        return Command.DEVICE_GET_REGION_INFO.id();
    }

    /// One region. An unused region has size 0 and no flags.
    ///
    /// @param argsz bytes a reply payload with all capabilities needs
    /// @param region index of the region
    /// @param flags what can be done with it; [RegionFlags#CAPS] always agrees with `capabilities`
    /// @param size bytes, unsigned
    /// @param offset base of the region in the file that comes as a descriptor
    /// @param capabilities the capabilities in this reply, all of them or none
    public record Reply(
            long argsz,
            int region,
            RegionFlags flags,
            long size,
            long offset,
            List<RegionCapability> capabilities)
            implements ServerReply {
        /// Checks the ranges and sets [RegionFlags#CAPS] from `capabilities`.
        public Reply {
            Checks.u32("argsz", argsz);
            Checks.notNegative("region", region);
            capabilities = List.copyOf(capabilities);
            flags =
                    capabilities.isEmpty()
                            ? flags.without(RegionFlags.CAPS)
                            : flags.with(RegionFlags.CAPS);
        }

        /// The reply to `request`: with all of `capabilities` if they fit its `argsz`, else without
        /// any, so that the client asks again.
        ///
        /// A descriptor goes along only if [#complete()].
        public static Reply to(
                DeviceGetRegionInfo request,
                RegionFlags flags,
                long size,
                long offset,
                List<RegionCapability> capabilities) {
            Objects.requireNonNull(request, "request");
            long needed = WireFormat.REGION_INFO_SIZE;
            for (RegionCapability capability : capabilities) {
                needed += capability.wireSize();
            }
            return new Reply(
                    needed,
                    request.region,
                    flags,
                    size,
                    offset,
                    needed <= request.argsz ? capabilities : List.of());
        }

        /// Whether the capabilities are here, or there are none; else the client must ask again
        /// with `argsz`.
        public boolean complete() {
            return !capabilities.isEmpty() || argsz <= WireFormat.REGION_INFO_SIZE;
        }
    }
}
