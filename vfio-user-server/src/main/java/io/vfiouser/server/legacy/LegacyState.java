package io.vfiouser.server.legacy;

import io.vfiouser.protocol.MigrationState;
import java.util.EnumSet;
import java.util.Set;

/// The states of migration version 1, three bits: running, saving, resuming.
enum LegacyState {
    /// No bit.
    STOPPED(0),
    /// Running.
    RUNNING(1),
    /// Saving.
    STOP_AND_COPY(2),
    /// Running and saving.
    PRE_COPY(3),
    /// Resuming.
    RESUMING(4),
    /// Saving and resuming, which means that the device is broken.
    ERROR(6);

    private final int value;

    LegacyState(int value) {
        this.value = value;
    }

    /// The state that a client writes.
    ///
    /// @throws io.vfiouser.codec.RequestRejectedException `EINVAL` for a number that it may not
    ///   write
    static LegacyState of(int value) {
        for (LegacyState state : values()) {
            if (state.value == value && state != ERROR) {
                return state;
            }
        }
        throw LegacyCommands.refused("device_state: 0x%x (expected: 0 to 4)".formatted(value));
    }

    /// The number on the wire.
    int value() {
        return value;
    }

    /// Whether state can be read.
    boolean isSaving() {
        return this == PRE_COPY || this == STOP_AND_COPY;
    }

    /// The state of today that it is, as seen from the device.
    MigrationState today() {
        return switch (this) {
            case STOPPED -> MigrationState.STOP;
            case RUNNING -> MigrationState.RUNNING;
            case STOP_AND_COPY -> MigrationState.STOP_COPY;
            case PRE_COPY -> MigrationState.PRE_COPY;
            case RESUMING -> MigrationState.RESUMING;
            case ERROR -> MigrationState.ERROR;
        };
    }

    /// Where a client may go from here, which includes here. What the text has, and the ways back
    /// to RUNNING for a migration that is given up.
    Set<LegacyState> next() {
        return switch (this) {
            case STOPPED -> EnumSet.of(STOPPED, RUNNING);
            case RUNNING -> EnumSet.of(STOPPED, RUNNING, STOP_AND_COPY, PRE_COPY, RESUMING);
            case STOP_AND_COPY -> EnumSet.of(STOPPED, RUNNING, STOP_AND_COPY);
            case PRE_COPY -> EnumSet.of(STOPPED, RUNNING, STOP_AND_COPY, PRE_COPY);
            case RESUMING -> EnumSet.of(RUNNING, RESUMING);
            case ERROR -> EnumSet.noneOf(LegacyState.class);
        };
    }
}
