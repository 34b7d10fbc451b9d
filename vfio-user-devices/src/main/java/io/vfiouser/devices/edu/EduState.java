package io.vfiouser.devices.edu;

import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.LittleEndian;
import java.lang.foreign.MemorySegment;

/// What an [EduDevice] takes along, 4144 bytes:
///
/// | field                                      | offset | bytes |
/// |--------------------------------------------|--------|-------|
/// | liveness, factorial, status, IRQ status    | 0      | 4 x 4 |
/// | DMA source, destination, count and command | 16     | 4 x 8 |
/// | DMA buffer                                 | 48     | 4096  |
final class EduState implements Migratable {
    private static final int REGISTERS_SIZE = 48;

    private final EduDevice device;
    private final EduFactorial factorial;
    private final EduInterrupts interrupts;
    private final EduDma dma;

    EduState(EduDevice device, EduFactorial factorial, EduInterrupts interrupts, EduDma dma) {
        this.device = device;
        this.factorial = factorial;
        this.interrupts = interrupts;
        this.dma = dma;
    }

    @Override
    public StateSource save(SavePhase phase) {
        var state = MemorySegment.ofArray(new byte[REGISTERS_SIZE]);
        state.set(LittleEndian.INT, 0, device.liveness());
        state.set(LittleEndian.INT, 4, factorial.value());
        state.set(LittleEndian.INT, 8, device.status());
        state.set(LittleEndian.INT, 12, interrupts.status());
        EduDma.Registers programmed = dma.registers();
        state.set(LittleEndian.LONG, 16, programmed.source());
        state.set(LittleEndian.LONG, 24, programmed.destination());
        state.set(LittleEndian.LONG, 32, programmed.count());
        state.set(LittleEndian.LONG, 40, programmed.command());
        return StateSource.of(state, dma.buffer());
    }

    @Override
    public StateSink load() {
        var state = MemorySegment.ofArray(new byte[REGISTERS_SIZE]);
        var buffer = MemorySegment.ofArray(new byte[EduDma.BUFFER_SIZE]);
        return StateSink.into(() -> apply(state, buffer), state, buffer);
    }

    @Override
    public Completion start() {
        interrupts.resume();
        return Completion.DONE;
    }

    private void apply(MemorySegment state, MemorySegment buffer) {
        device.load(
                state.get(LittleEndian.INT, 0),
                state.get(LittleEndian.INT, 4),
                state.get(LittleEndian.INT, 8));
        interrupts.load(state.get(LittleEndian.INT, 12));
        dma.load(
                new EduDma.Registers(
                        state.get(LittleEndian.LONG, 16),
                        state.get(LittleEndian.LONG, 24),
                        state.get(LittleEndian.LONG, 32),
                        state.get(LittleEndian.LONG, 40)));
        dma.buffer().copyFrom(buffer);
    }
}
