package io.vfiouser.devices.block.memory;

import io.vfiouser.device.Setting;

/// The settings of the `memory` backend.
///
/// @param size capacity in bytes
/// @param maxSize up to where it can be made larger later, in bytes; 0 for no further than `size`
/// @param hugePages whether the system is asked for pages of 2 MiB
/// @param shared whether another process can take it over
public record MemorySettings(
        @Setting("capacity in bytes, all zeros at first, taking up memory only where written")
                long size,
        @Setting("capacity up to which it can be made larger while in use; 0: as size")
                long maxSize,
        @Setting("ask for pages of 2 MiB: faster, but each takes up all of its room once written")
                boolean hugePages,
        @Setting(
                        "in a memfd, so that a hot restart takes it along; what is read takes up"
                                + " memory too then")
                boolean shared) {
    /// 64 MiB, of this process alone.
    public static final MemorySettings DEFAULTS = new MemorySettings(64L << 20, 0, false, false);

    /// A capacity that stays.
    public static MemorySettings ofSize(long bytes) {
        return new MemorySettings(bytes, 0, false, false);
    }
}
