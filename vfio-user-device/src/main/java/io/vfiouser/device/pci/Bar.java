package io.vfiouser.device.pci;

import io.vfiouser.device.region.MappableMemory;
import io.vfiouser.device.region.Region;
import io.vfiouser.device.region.RegionHandler;
import java.util.Objects;

/// A base address register and the region behind it.
///
/// @param kind the address space and width
/// @param prefetchable whether reads have no side effects and writes may be merged; memory only
/// @param region its size is a power of two: at least 4 bytes for I/O, 16 for memory
public record Bar(Kind kind, boolean prefetchable, Region region) {
    /// The address space and width of a BAR.
    public enum Kind {
        /// I/O ports.
        IO,
        /// Memory below 4 GiB.
        MEMORY_32,
        /// Memory anywhere; takes up two BAR registers.
        MEMORY_64
    }

    private static final long MAX_32_BIT = 1L << 31;

    /// Checks the fields.
    public Bar {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(region, "region");
        long size = region.size();
        long least = kind == Kind.IO ? 4 : 16;
        if (Long.bitCount(size) != 1 || size < least) {
            throw new IllegalArgumentException(
                    "BAR size: "
                            + size
                            + " (expected: a power of two, at least "
                            + least
                            + " for "
                            + kind
                            + ")");
        }
        if (kind != Kind.MEMORY_64 && size > MAX_32_BIT) {
            throw new IllegalArgumentException(
                    "BAR size: " + size + " (expected: at most 2 GiB; use memory64 beyond)");
        }
        if (kind == Kind.IO && prefetchable) {
            throw new IllegalArgumentException(
                    "prefetchable: true (expected: false for an I/O BAR)");
        }
    }

    /// An I/O port BAR.
    ///
    /// @param size bytes, a power of two, at least 4
    public static Bar io(long size, RegionHandler handler) {
        return new Bar(Kind.IO, false, Region.of(size, handler));
    }

    /// A 32-bit memory BAR.
    ///
    /// @param size bytes, a power of two, 16 to 2 GiB
    public static Bar memory(long size, RegionHandler handler) {
        return new Bar(Kind.MEMORY_32, false, Region.of(size, handler));
    }

    /// A 64-bit memory BAR; the BAR register after it is its upper half.
    ///
    /// @param size bytes, a power of two, at least 16
    public static Bar memory64(long size, RegionHandler handler) {
        return new Bar(Kind.MEMORY_64, false, Region.of(size, handler));
    }

    /// The same BAR, marked prefetchable.
    public Bar asPrefetchable() {
        return new Bar(kind, true, region);
    }

    /// The same BAR, with memory that clients may map.
    public Bar mappable(MappableMemory memory) {
        return new Bar(kind, prefetchable, region.mappable(memory));
    }
}
