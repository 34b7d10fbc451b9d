package io.vfiouser.server.region;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.region.Region;
import io.vfiouser.os.Errno;
import io.vfiouser.server.stats.AccessCounters;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The regions of a device by their index on the wire: BAR0 to BAR5, ROM, config space, VGA.
public final class RegionTable {
    /// Index of the expansion ROM.
    public static final int ROM = 6;

    /// Index of the config space.
    public static final int CONFIG = 7;

    /// Index of the VGA window.
    public static final int VGA = 8;

    /// How many there are today.
    public static final int COUNT = 9;

    /// Index of the migration region, which only clients of the legacy dialect see.
    public static final int LEGACY_MIGRATION = 9;

    private final @Nullable Region[] regions;
    private final AccessCounters accesses;
    private boolean frozen;

    /// A table without regions.
    ///
    /// @param count how many there can be
    public RegionTable(int count) {
        regions = new @Nullable Region[count];
        accesses = new AccessCounters(count);
    }

    /// Puts a region at an index, 0 to the count - 1, instead of the one that may be there.
    public void put(int index, Region region) {
        regions[index] = region;
    }

    /// Puts what `change` makes of each region in its place.
    public void replaceAll(UnaryOperator<Region> change) {
        for (int i = 0; i < regions.length; i++) {
            Region region = regions[i];
            if (region != null) {
                regions[i] = change.apply(region);
            }
        }
    }

    /// Refuses all writes from now on, or takes them again: while the last part of a device's state
    /// is being saved, a write would be lost. The migration region is not of that state.
    public void setFrozen(boolean frozen) {
        this.frozen = frozen;
    }

    /// What was accessed through [#readable] and [#writable].
    public AccessCounters accesses() {
        return accesses;
    }

    /// The region with this index, or none if it is unused.
    ///
    /// @throws RequestRejectedException `EINVAL` for an index that no device has
    public Optional<Region> find(int index) {
        checkIndex(index);
        return Optional.ofNullable(regions[index]);
    }

    /// The region for a read of `count` bytes at `offset`, which is counted.
    ///
    /// @throws RequestRejectedException `EINVAL` if the access is outside, or not allowed
    public Region readable(int index, long offset, long count) {
        Region region = checked(index, offset, count);
        if (!region.readable()) {
            throw refused(index, "read", offset, count, "a readable region");
        }
        accesses.read(index, count);
        return region;
    }

    /// The region for a write of `count` bytes at `offset`, which is counted.
    ///
    /// @throws RequestRejectedException `EINVAL` if the access is outside, or not allowed
    public Region writable(int index, long offset, long count) {
        Region region = checked(index, offset, count);
        if (!region.writable()) {
            throw refused(index, "write", offset, count, "a writable region");
        }
        if (frozen && index != LEGACY_MIGRATION) {
            throw refused(index, "write", offset, count, "a migration state other than STOP_COPY");
        }
        accesses.write(index, count);
        return region;
    }

    /// The memory behind an access that [#readable] or [#writable] would allow; empty if there is
    /// none, or the access is not allowed. Counts nothing.
    public Optional<MemorySegment> memory(int index, long offset, long count, boolean write) {
        Region region = index < 0 || index >= regions.length ? null : regions[index];
        if (region == null
                || offset < 0
                || offset > region.size()
                || count > region.size() - offset
                || !(write ? region.writable() && !frozen : region.readable())) {
            return Optional.empty();
        }
        return region.handler().memory(offset, count);
    }

    /// A region's name for logs, for example `BAR2`.
    public static String name(int index) {
        return switch (index) {
            case ROM -> "ROM";
            case CONFIG -> "config space";
            case VGA -> "VGA";
            case LEGACY_MIGRATION -> "migration region";
            default -> "BAR" + index;
        };
    }

    private Region checked(int index, long offset, long count) {
        checkIndex(index);
        Region region = regions[index];
        if (region == null) {
            throw refused(index, "access", offset, count, "a region that the device has");
        }
        if (offset < 0 || offset > region.size() || count > region.size() - offset) {
            throw refused(
                    index,
                    "access",
                    offset,
                    count,
                    "an end of at most 0x" + Long.toHexString(region.size()));
        }
        return region;
    }

    private void checkIndex(int index) {
        if (index < 0 || index >= regions.length) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "region: "
                            + Integer.toUnsignedString(index)
                            + " (expected: 0 to "
                            + (regions.length - 1)
                            + ")");
        }
    }

    private static RequestRejectedException refused(
            int index, String what, long offset, long count, String expected) {
        return new RequestRejectedException(
                Errno.EINVAL,
                what
                        + " of "
                        + name(index)
                        + ", offset: 0x"
                        + Long.toHexString(offset)
                        + ", count: "
                        + count
                        + " (expected: "
                        + expected
                        + ")");
    }
}
