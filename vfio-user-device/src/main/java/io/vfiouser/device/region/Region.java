package io.vfiouser.device.region;

import java.util.Objects;
import java.util.Optional;

/// One numbered window of a device.
///
/// @param size bytes, at least 1
/// @param handler answers trapped accesses
/// @param readable whether clients may read; reads are refused with `EINVAL` otherwise
/// @param writable whether clients may write; writes are refused with `EINVAL` otherwise
/// @param mappable the memory that clients may map, if any; `handler` must show the same bytes
///   there
public record Region(
        long size,
        RegionHandler handler,
        boolean readable,
        boolean writable,
        Optional<MappableMemory> mappable) {
    /// Checks the fields.
    public Region {
        Objects.requireNonNull(handler, "handler");
        Objects.requireNonNull(mappable, "mappable");
        if (size < 1) {
            throw new IllegalArgumentException("size: " + size + " (expected: at least 1)");
        }
        if (!readable && !writable) {
            throw new IllegalArgumentException(
                    "region: neither readable nor writable (expected: at least one of the two)");
        }
        mappable.ifPresent(memory -> {
            long end = memory.areas().getLast().end();
            if (end > size) {
                throw new IllegalArgumentException(
                        "mappable areas end at 0x"
                                + Long.toHexString(end)
                                + " (expected: at most the region's size 0x"
                                + Long.toHexString(size)
                                + ")");
            }
        });
    }

    /// A readable and writable region without mappable memory.
    public static Region of(long size, RegionHandler handler) {
        return new Region(size, handler, true, true, Optional.empty());
    }

    /// The same region, with memory that clients may map.
    public Region mappable(MappableMemory memory) {
        return new Region(size, handler, readable, writable, Optional.of(memory));
    }

    /// The same region, refusing writes.
    public Region readOnly() {
        return new Region(size, handler, true, false, mappable);
    }
}
