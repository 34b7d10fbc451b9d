package io.vfiouser.server.legacy;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.server.dispatch.QuietPeriod;
import io.vfiouser.server.migration.MigrationMachine;

/// In which state of version 1 a device is, and the way to others.
///
/// A device that cannot be saved while it runs has a PRE_COPY all the same, as clients may count on
/// it: it just runs on, and has nothing to give yet.
final class LegacyStates {
    private final MigrationMachine migration;
    private final QuietPeriod quiet;
    private boolean emptyPreCopy;

    LegacyStates(MigrationMachine migration, QuietPeriod quiet) {
        this.migration = migration;
        this.quiet = quiet;
    }

    LegacyState current() {
        return switch (migration.state()) {
            case STOP -> LegacyState.STOPPED;
            case RUNNING -> emptyPreCopy ? LegacyState.PRE_COPY : LegacyState.RUNNING;
            case STOP_COPY -> LegacyState.STOP_AND_COPY;
            case PRE_COPY -> LegacyState.PRE_COPY;
            case RESUMING -> LegacyState.RESUMING;
            case ERROR, RUNNING_P2P, PRE_COPY_P2P -> LegacyState.ERROR;
        };
    }

    /// Takes the device to a state; to be there already is success.
    ///
    /// @return done on the loop when it is there
    /// @throws io.vfiouser.codec.RequestRejectedException `EINVAL` if no way leads there
    Completion change(LegacyState next) {
        LegacyState before = current();
        if (!before.next().contains(next)) {
            throw LegacyCommands.refused(
                    "device_state: %s (expected: one of %s, from %s)"
                            .formatted(next, before.next(), before));
        }
        if (next == before) {
            return Completion.DONE;
        }
        boolean empty = next == LegacyState.PRE_COPY && !migration.hasPreCopy();
        MigrationState target = empty ? MigrationState.RUNNING : next.today();
        return quiet.during(() -> migration.change(target))
                .then(() -> {
                    emptyPreCopy = empty;
                    return Completion.DONE;
                });
    }
}
