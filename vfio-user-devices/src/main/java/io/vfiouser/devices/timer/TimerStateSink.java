package io.vfiouser.devices.timer;

import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// Takes a state of exactly [TimerState#SIZE] bytes. Unlike [StateSink#into], it takes writes
/// beyond that too, and refuses the state only as a whole: that is what the device is specified to
/// do.
final class TimerStateSink implements StateSink {
    private final Consumer<MemorySegment> loaded;
    private final MemorySegment state = MemorySegment.ofArray(new byte[TimerState.SIZE]);
    private long received;

    TimerStateSink(Consumer<MemorySegment> loaded) {
        this.loaded = loaded;
    }

    @Override
    public Completion write(MemorySegment from) {
        long room = Math.max(0, TimerState.SIZE - received);
        long kept = Math.min(room, from.byteSize());
        if (kept > 0) {
            MemorySegment.copy(from, 0, state, received, kept);
        }
        received += from.byteSize();
        return Completion.DONE;
    }

    @Override
    public Completion finish() {
        if (received != TimerState.SIZE) {
            throw new DeviceException(
                    Errno.EINVAL,
                    "state: " + received + " bytes (expected: exactly " + TimerState.SIZE + ")");
        }
        loaded.accept(state);
        return Completion.DONE;
    }

    @Override
    public void abort() {}
}
