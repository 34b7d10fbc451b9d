package io.vfiouser.device.region;

import io.vfiouser.os.SharedMemory;
import java.util.List;
import java.util.Objects;

/// The memory behind the mappable part of a region.
///
/// With QEMU, any mappable area of any region of a device makes it wait for every write to that
/// device's BARs (it stops posting them): give areas to what is mapped for speed, not to be tidy.
///
/// The client gets one descriptor for all areas, and with it can map the whole of the memory: what
/// it must not see belongs in other memory. The descriptor of a region that is not writable is
/// read-only.
///
/// @param memory borrowed: the device creates and closes it
/// @param fileOffset where the region starts in it; a multiple of 4096
/// @param areas the parts that may be mapped, in ascending order, not overlapping; at least one
public record MappableMemory(SharedMemory memory, long fileOffset, List<MappableArea> areas) {
    /// Copies and checks the areas.
    public MappableMemory {
        Objects.requireNonNull(memory, "memory");
        areas = List.copyOf(areas);
        if (areas.isEmpty()) {
            throw new IllegalArgumentException("areas: none (expected: at least one)");
        }
        if (fileOffset < 0 || fileOffset % 4096 != 0) {
            throw new IllegalArgumentException(
                    "fileOffset: 0x"
                            + Long.toHexString(fileOffset)
                            + " (expected: a multiple of 0x1000)");
        }
        long end = 0;
        for (MappableArea area : areas) {
            if (area.offset() < end) {
                throw new IllegalArgumentException(
                        "areas: " + areas + " (expected: ascending, not overlapping)");
            }
            end = area.end();
        }
        if (end > memory.size() - fileOffset) {
            throw new IllegalArgumentException(
                    "areas end at 0x"
                            + Long.toHexString(end)
                            + " (expected: at most 0x"
                            + Long.toHexString(memory.size() - fileOffset)
                            + ", the memory behind fileOffset)");
        }
    }

    /// Shared memory that is the region, mappable from its first byte to its last.
    ///
    /// @param memory borrowed; its size is a multiple of 4096
    public static MappableMemory whole(SharedMemory memory) {
        return new MappableMemory(memory, 0, List.of(new MappableArea(0, memory.size())));
    }
}
