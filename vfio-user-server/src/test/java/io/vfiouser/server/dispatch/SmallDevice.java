package io.vfiouser.server.dispatch;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A device with eight bytes of state, which may be without PRE_COPY, or not migrate at all.
final class SmallDevice implements Device, Migratable {
    final byte[] state = {1, 2, 3, 4, 5, 6, 7, 8};
    Completion stopped = Completion.DONE;

    private final boolean migrates;
    private final boolean preCopy;

    SmallDevice(boolean migrates, boolean preCopy) {
        this.migrates = migrates;
        this.preCopy = preCopy;
    }

    @Override
    public DeviceLayout layout() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Migratable> migratable() {
        return migrates ? Optional.of(this) : Optional.empty();
    }

    @Override
    public boolean preCopy() {
        return preCopy;
    }

    @Override
    public Completion stop() {
        return stopped;
    }

    @Override
    public StateSource save(SavePhase phase) {
        return StateSource.of(MemorySegment.ofArray(state));
    }

    @Override
    public StateSink load() {
        return StateSink.into(() -> {}, MemorySegment.ofArray(state));
    }
}
