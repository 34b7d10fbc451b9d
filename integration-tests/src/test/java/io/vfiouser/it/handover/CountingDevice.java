package io.vfiouser.it.handover;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.migration.Handover;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.device.region.RegisterBlock;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Adds up what is written to it; every fourth addition takes a while.
final class CountingDevice implements Device {
    static final long ADD = 0;
    static final long COUNT = 8;

    private long count;

    @Override
    public DeviceLayout layout() {
        var registers =
                RegisterBlock.builder()
                        .command(ADD, 8, "ADD", this::add)
                        .readOnly(COUNT, 8, "COUNT", () -> count)
                        .build();
        return DeviceLayout.pci(0x1af4, 0x10f9).bar(0, Bar.memory(0x1000, registers)).build();
    }

    @Override
    public Optional<Handover> handover() {
        return Optional.of(new State());
    }

    private Completion add(long value) {
        count += value;
        if (count % 4 != 0) {
            return Completion.DONE;
        }
        return Completion.after(
                new CompletableFuture<@Nullable Void>()
                        .completeOnTimeout(null, 50, TimeUnit.MICROSECONDS));
    }

    private final class State implements Handover {
        @Override
        public StateSource save() {
            var state = MemorySegment.ofArray(new byte[8]);
            state.set(LittleEndian.LONG, 0, count);
            return StateSource.of(state);
        }

        @Override
        public StateSink load() {
            var state = MemorySegment.ofArray(new byte[8]);
            return StateSink.into(() -> count = state.get(LittleEndian.LONG, 0), state);
        }
    }
}
