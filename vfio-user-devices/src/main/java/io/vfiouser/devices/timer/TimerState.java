package io.vfiouser.devices.timer;

import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.os.SharedMemory;
import java.lang.foreign.MemorySegment;

/// What a [TimerDevice] takes along: 0x3000 bytes of BAR1, then its time.
///
/// PRE_COPY gives the bytes of BAR1 as they are by then; STOP_COPY gives all of it again, from the
/// beginning, so that a client drops what it read in PRE_COPY.
final class TimerState implements Migratable {
    /// Bytes of BAR1 that migrate.
    static final int MEMORY_SIZE = 0x3000;

    /// Bytes of the whole state.
    static final int SIZE = MEMORY_SIZE + Long.BYTES;

    private final WallTimer timer;
    private final SharedMemory bar1;

    TimerState(WallTimer timer, SharedMemory bar1) {
        this.timer = timer;
        this.bar1 = bar1;
    }

    @Override
    public boolean preCopy() {
        return true;
    }

    @Override
    public Completion stop() {
        timer.stop();
        return Completion.DONE;
    }

    @Override
    public Completion start() {
        timer.start();
        return Completion.DONE;
    }

    @Override
    public StateSource save(SavePhase phase) {
        return switch (phase) {
            case PRE_COPY -> StateSource.of(memory());
            case STOP_COPY -> StateSource.of(memory(), time());
        };
    }

    @Override
    public StateSink load() {
        return new TimerStateSink(this::apply);
    }

    /// As the pieces come, each a whole state or its memory alone: the last one counts.
    @Override
    public StateSink legacyLoad() {
        return new LegacyTimerSink(this::apply);
    }

    @Override
    public int legacyAreaSize() {
        return 0x4000;
    }

    private void apply(MemorySegment state) {
        memory().copyFrom(state.asSlice(0, MEMORY_SIZE));
        timer.arm(state.get(LittleEndian.LONG, MEMORY_SIZE));
    }

    private MemorySegment memory() {
        return bar1.segment().asSlice(0, MEMORY_SIZE);
    }

    private MemorySegment time() {
        var bytes = MemorySegment.ofArray(new byte[Long.BYTES]);
        bytes.set(LittleEndian.LONG, 0, timer.time());
        return bytes;
    }
}
