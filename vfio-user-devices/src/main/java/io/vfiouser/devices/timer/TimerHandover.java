package io.vfiouser.devices.timer;

import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.LittleEndian;
import java.lang.foreign.MemorySegment;

/// A [TimerDevice] that goes on in another process takes its time along, and whether it has still
/// to fire; the server sees to BAR1.
///
/// @param timer the time
record TimerHandover(WallTimer timer) implements Handover {
    private static final int ARMED = 8;
    private static final int SIZE = 16;

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
    public StateSource save() {
        MemorySegment state = newState();
        state.set(LittleEndian.LONG, 0, timer.time());
        state.set(LittleEndian.LONG, ARMED, timer.isArmed() ? 1 : 0);
        return StateSource.of(state);
    }

    @Override
    public StateSink load() {
        MemorySegment state = newState();
        return StateSink.into(
                () ->
                        timer.restore(
                                state.get(LittleEndian.LONG, 0),
                                state.get(LittleEndian.LONG, ARMED) != 0),
                state);
    }

    private static MemorySegment newState() {
        return MemorySegment.ofArray(new byte[SIZE]);
    }
}
