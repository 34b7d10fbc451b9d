package io.vfiouser.server.legacy;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.server.migration.MigrationMachine;
import io.vfiouser.server.migration.StateRead;
import java.lang.foreign.MemorySegment;
import java.util.function.LongConsumer;

/// State on its way to a legacy client, through the data area of the migration region.
///
/// An iteration begins with a look at pending_bytes, which also says that the data of the one
/// before were taken. When data_offset or data_size is read, the next data are put into the area.
/// While the device runs pending_bytes is what the device estimates; once it is stopped the data
/// are put there first, so that 0 means the end for certain.
final class LegacySaving {
    private final MigrationMachine migration;
    private final MemorySegment area;
    private Iteration iteration = Iteration.NONE;
    private int available;

    LegacySaving(MigrationMachine migration, MemorySegment area) {
        this.migration = migration;
        this.area = area;
    }

    /// How far the client has come.
    private enum Iteration {
        NONE,
        BEGUN,
        OFFERED
    }

    /// Gives the bytes that are left; 0 unless state is being saved.
    Completion pendingBytes(LegacyState state, LongConsumer result) {
        if (!state.isSaving()) {
            result.accept(0);
            return Completion.DONE;
        }
        if (iteration == Iteration.OFFERED) {
            available = 0;
        }
        iteration = Iteration.BEGUN;
        Completion ready =
                state == LegacyState.STOP_AND_COPY && available == 0 ? fill() : Completion.DONE;
        return ready.then(() -> {
            result.accept(available + remaining());
            return Completion.DONE;
        });
    }

    /// Makes the next data available and gives their size.
    Completion prepare(LegacyState state, LongConsumer result) {
        if (!state.isSaving() || iteration == Iteration.NONE) {
            throw LegacyCommands.refused(
                    "data in state %s%s (expected: a saving state and pending_bytes read before)"
                            .formatted(state, state.isSaving() ? " out of sequence" : ""));
        }
        Completion ready =
                iteration == Iteration.BEGUN && available == 0 ? fill() : Completion.DONE;
        return ready.then(() -> {
            iteration = Iteration.OFFERED;
            result.accept(available);
            return Completion.DONE;
        });
    }

    /// What was offered and not taken when the device is stopped comes first then: it is gone from
    /// the device's stream. Any other change drops it.
    void stateChanged(LegacyState before, LegacyState next) {
        iteration = before == next ? iteration : Iteration.NONE;
        boolean goesOn =
                before == next
                        || (before == LegacyState.PRE_COPY && next == LegacyState.STOP_AND_COPY);
        available = goesOn ? available : 0;
    }

    private Completion fill() {
        if (!isOpen()) {
            return Completion.DONE;
        }
        StateRead read = migration.read(area);
        return read.completion()
                .then(() -> {
                    available = read.count();
                    return Completion.DONE;
                });
    }

    private long remaining() {
        return isOpen() ? migration.remaining() : 0;
    }

    /// A device without PRE_COPY has no stream while it runs.
    private boolean isOpen() {
        return switch (migration.state()) {
            case PRE_COPY, STOP_COPY -> true;
            default -> false;
        };
    }
}
