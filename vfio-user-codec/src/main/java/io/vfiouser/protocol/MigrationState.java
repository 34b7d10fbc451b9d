package io.vfiouser.protocol;

import java.util.List;
import java.util.Optional;

/// The states of migration, version 2 (spec: "VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE").
public enum MigrationState {
    /// The device is broken; only a reset leads out.
    ERROR,
    /// The device does not run.
    STOP,
    /// The device runs; the state at the start.
    RUNNING,
    /// The device does not run and its state can be read.
    STOP_COPY,
    /// The device does not run and its state can be written.
    RESUMING,
    /// The device runs but does not use other devices; not used in vfio-user.
    RUNNING_P2P,
    /// The device runs and its state can be read.
    PRE_COPY,
    /// Both of the above; not used in vfio-user.
    PRE_COPY_P2P;

    private static final List<MigrationState> BY_NUMBER = List.of(values());

    /// The state with this number on the wire; empty for a number above 7.
    public static Optional<MigrationState> of(int number) {
        return number >= 0 && number < BY_NUMBER.size()
                ? Optional.of(BY_NUMBER.get(number))
                : Optional.empty();
    }

    /// The number on the wire, 0 to 7.
    public int number() {
        return BY_NUMBER.indexOf(this);
    }

    /// Whether the state of the device can be read: [#PRE_COPY] and [#STOP_COPY].
    public boolean isSaving() {
        return this == PRE_COPY || this == STOP_COPY;
    }
}
