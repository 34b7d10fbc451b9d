package io.vfiouser.device.migration;

import java.util.function.Supplier;

/// Whether devices are being made to take the place of those of another process, which is still at
/// work: what only one of them can have, such as the lock of a disk, comes later, by
/// [Handover#takeFiles].
public final class Takeover {
    private static final ScopedValue<Boolean> UNDER_WAY = ScopedValue.newInstance();

    private Takeover() {}

    /// Whether that is so for the calling thread.
    public static boolean isUnderWay() {
        return UNDER_WAY.orElse(false);
    }

    /// Makes something that takes the place of another process's.
    public static <T> T make(Supplier<T> maker) {
        return ScopedValue.where(UNDER_WAY, true).call(maker::get);
    }
}
