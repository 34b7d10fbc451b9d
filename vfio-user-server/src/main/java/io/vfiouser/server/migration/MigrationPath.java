package io.vfiouser.server.migration;

import io.vfiouser.protocol.MigrationState;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Which way a device goes from one migration state to another (spec:
/// "VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE").
///
/// Nine arcs are direct. Any other change takes the shortest chain of them in which the saving
/// states, PRE_COPY and STOP_COPY, are at most the ends. From STOP_COPY back to PRE_COPY there is
/// no way: that would begin another stream where the client expects one to go on.
final class MigrationPath {
    private MigrationPath() {}

    /// The first state on the way, which is `to` itself if the arc is direct; empty if there is no
    /// way. States that differ.
    static Optional<MigrationState> firstHop(MigrationState from, MigrationState to) {
        return isUsed(to) ? Optional.ofNullable(hop(from, to)) : Optional.empty();
    }

    /// Whether vfio-user has a way to this state at all.
    private static boolean isUsed(MigrationState state) {
        return switch (state) {
            case STOP, RUNNING, STOP_COPY, RESUMING, PRE_COPY -> true;
            case ERROR, RUNNING_P2P, PRE_COPY_P2P -> false;
        };
    }

    private static @Nullable MigrationState hop(MigrationState from, MigrationState to) {
        return switch (from) {
            case STOP -> to == MigrationState.PRE_COPY ? MigrationState.RUNNING : to;
            case RUNNING -> to == MigrationState.PRE_COPY ? to : MigrationState.STOP;
            case STOP_COPY -> to == MigrationState.PRE_COPY ? null : MigrationState.STOP;
            case RESUMING -> MigrationState.STOP;
            case PRE_COPY -> to == MigrationState.STOP_COPY ? to : MigrationState.RUNNING;
            case ERROR, RUNNING_P2P, PRE_COPY_P2P -> null;
        };
    }
}
