package io.vfiouser.devices.timer;

import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/// Takes the state as clients of the legacy dialect give it: in PRE_COPY's pieces the memory, and
/// at last all of it. Each piece replaces the one before.
final class LegacyTimerSink implements StateSink {
    private final Consumer<MemorySegment> loaded;
    private final MemorySegment state = MemorySegment.ofArray(new byte[TimerState.SIZE]);
    private boolean complete;

    LegacyTimerSink(Consumer<MemorySegment> loaded) {
        this.loaded = loaded;
    }

    @Override
    public Completion write(MemorySegment from) {
        long size = from.byteSize();
        if (size != TimerState.MEMORY_SIZE && size != TimerState.SIZE) {
            throw wrongSize("piece: " + size + " bytes");
        }
        MemorySegment.copy(from, 0, state, 0, size);
        complete = size == TimerState.SIZE;
        return Completion.DONE;
    }

    @Override
    public Completion finish() {
        if (!complete) {
            throw wrongSize("state: no last piece");
        }
        loaded.accept(state);
        return Completion.DONE;
    }

    @Override
    public void abort() {}

    private static DeviceException wrongSize(String what) {
        return new DeviceException(
                Errno.EINVAL,
                "%s (expected: pieces of %d bytes, the last of %d)"
                        .formatted(what, TimerState.MEMORY_SIZE, TimerState.SIZE));
    }
}
