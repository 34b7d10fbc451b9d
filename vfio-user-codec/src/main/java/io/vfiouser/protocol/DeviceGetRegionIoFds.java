package io.vfiouser.protocol;

import java.util.List;
import java.util.Objects;

/// Asks for descriptors that replace messages for parts of a region (spec:
/// "VFIO_USER_DEVICE_GET_REGION_IO_FDS").
///
/// | field | offset | bytes |
/// |-------|--------|-------|
/// | argsz | 0      | 4     |
/// | flags | 4      | 4     |
/// | index | 8      | 4     |
/// | count | 12     | 4     |
///
/// @param argsz bytes of the largest reply payload the client takes, at least 16
/// @param region index of the region
public record DeviceGetRegionIoFds(long argsz, int region) implements ClientRequest {
    /// Checks the ranges.
    public DeviceGetRegionIoFds {
        Checks.u32("argsz", argsz);
        Checks.notNegative("region", region);
    }

    @Override
    public int commandId() {
        return Command.DEVICE_GET_REGION_IO_FDS.id();
    }

    /// The parts; the same 16 bytes, then 48 bytes for each entry.
    ///
    /// @param argsz bytes a reply payload with all entries needs
    /// @param region index of the region
    /// @param count number of entries there are
    /// @param entries the entries, all of them or none
    public record Reply(long argsz, int region, int count, List<SubRegionFd> entries)
            implements ServerReply {
        /// Checks the ranges, and that `entries` holds all or none.
        public Reply {
            Checks.u32("argsz", argsz);
            Checks.notNegative("region", region);
            Checks.notNegative("count", count);
            entries = List.copyOf(entries);
            if (!entries.isEmpty() && entries.size() != count) {
                throw new IllegalArgumentException(
                        "entries: " + entries.size() + " (expected: 0 or count, " + count + ")");
            }
        }

        /// The reply to `request`: with all of `entries` if they fit its `argsz`, else without any,
        /// so that the client asks again. Descriptors go along only if the entries do.
        public static Reply to(DeviceGetRegionIoFds request, List<SubRegionFd> entries) {
            Objects.requireNonNull(request, "request");
            long needed =
                    WireFormat.REGION_IO_FDS_SIZE
                            + (long) WireFormat.SUB_REGION_SIZE * entries.size();
            return new Reply(
                    needed,
                    request.region,
                    entries.size(),
                    needed <= request.argsz ? entries : List.of());
        }
    }
}
