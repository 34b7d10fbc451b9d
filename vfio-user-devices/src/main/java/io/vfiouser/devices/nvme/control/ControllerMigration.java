package io.vfiouser.devices.nvme.control;

import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Saves and loads a controller as one [Snapshot]. While it is quiet nothing is at work, so there
/// is no command to take along: what was fetched has been completed, what was not is still in its
/// ring.
final class ControllerMigration implements Migratable {
    private final Supplier<Snapshot> save;
    private final Consumer<Snapshot> load;

    ControllerMigration(Supplier<Snapshot> save, Consumer<Snapshot> load) {
        this.save = save;
        this.load = load;
    }

    @Override
    public StateSource save(SavePhase phase) {
        return StateSource.of(MemorySegment.ofArray(save.get().toBytes()));
    }

    @Override
    public StateSink load() {
        return new Sink(load);
    }

    /// Gathers the bytes up to a limit.
    private static final class Sink implements StateSink {
        private final Consumer<Snapshot> load;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Sink(Consumer<Snapshot> load) {
            this.load = load;
        }

        @Override
        public Completion write(MemorySegment from) {
            if (from.byteSize() > Snapshot.MAX_SIZE - bytes.size()) {
                throw Snapshot.refused(
                        "state: more than %d bytes (expected: at most that)"
                                .formatted(Snapshot.MAX_SIZE));
            }
            bytes.writeBytes(from.toArray(ValueLayout.JAVA_BYTE));
            return Completion.DONE;
        }

        @Override
        public Completion finish() {
            load.accept(Snapshot.of(bytes.toByteArray()));
            return Completion.DONE;
        }

        @Override
        public void abort() {}
    }
}
