package io.vfiouser.testkit;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.MemoryRegion;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// A device of plain memory. Its second half goes first, while the device runs if the client wants
/// so; then the first half, once the device is stopped.
final class HalvesDevice implements Device, Migratable {
    static final int SIZE = 0x8_0000;

    boolean closed;

    private final MemoryRegion memory = MemoryRegion.scratch(SIZE);
    private boolean secondHalfSaved;

    @Override
    public DeviceLayout layout() {
        return DeviceLayout.pci(0x1234, 0x5678).bar(0, Bar.memory(SIZE, memory)).build();
    }

    @Override
    public Optional<Migratable> migratable() {
        return Optional.of(this);
    }

    @Override
    public boolean preCopy() {
        return true;
    }

    @Override
    public StateSource save(SavePhase phase) {
        if (phase == SavePhase.PRE_COPY) {
            secondHalfSaved = true;
            return StateSource.of(half(1));
        }
        return secondHalfSaved ? StateSource.of(half(0)) : StateSource.of(half(1), half(0));
    }

    @Override
    public StateSink load() {
        return StateSink.into(() -> {}, half(1), half(0));
    }

    @Override
    public void close() {
        closed = true;
    }

    private MemorySegment half(int index) {
        return memory.segment().asSlice((long) index * (SIZE / 2), SIZE / 2);
    }
}
