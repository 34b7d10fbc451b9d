package io.vfiouser.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.RegisterBlock;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// A device that notes what happens to it and whose command does what the test says.
final class ProbeDevice implements Device {
    final List<String> calls = new ArrayList<>();
    DeviceContext context = DeviceContext.UNATTACHED;
    Supplier<Completion> command = () -> Completion.DONE;
    Supplier<Completion> quiet = () -> Completion.DONE;
    private long value;

    @Override
    public DeviceLayout layout() {
        var registers =
                RegisterBlock.builder()
                        .readWrite(0x0, 4, "VALUE", () -> value, written -> value = written)
                        .command(0x4, 4, "COMMAND", _ -> command.get())
                        .build();
        var others = RegisterBlock.builder().readOnly(0x10, 2, "VALUE", () -> 0x77).build();
        return DeviceLayout.pci(0x1234, 0x5678)
                .subsystem(0x9abc, 0xdef0)
                .bar(0, Bar.memory(0x1000, registers))
                .bar(4, Bar.memory(0x1000, others))
                .capability(PciCapability.msi(4))
                .capability(PciCapability.msix(4, 0, 0x800, 0xc00))
                .irq(IrqIndex.INTX, 1)
                .build();
    }

    @Override
    public Optional<Migratable> migratable() {
        return Optional.of(new Migration());
    }

    @Override
    public void attach(DeviceContext context) {
        this.context = context;
        calls.add("attach");
    }

    @Override
    public void detach() {
        calls.add("detach");
    }

    @Override
    public Completion reset(ResetReason reason) {
        calls.add("reset " + reason);
        return Completion.DONE;
    }

    @Override
    public Completion quiesce() {
        calls.add("quiesce");
        return quiet.get();
    }

    @Override
    public void resume() {
        calls.add("resume");
    }

    @Override
    public void memoryMapped(DmaRange range) {
        calls.add("mapped " + range);
    }

    @Override
    public void memoryUnmapped(DmaRange range) {
        calls.add("unmapped " + range);
    }

    @Override
    public void close() {
        calls.add("close");
    }

    private final class Migration implements Migratable {
        @Override
        public Completion stop() {
            calls.add("stop");
            return Completion.DONE;
        }

        @Override
        public Completion start() {
            calls.add("start");
            return Completion.DONE;
        }

        @Override
        public StateSource save(SavePhase phase) {
            calls.add("save " + phase);
            return StateSource.of(MemorySegment.ofArray("state of a probe".getBytes(US_ASCII)));
        }

        @Override
        public StateSink load() {
            byte[] state = new byte[16];
            return StateSink.into(
                    () -> calls.add("loaded " + new String(state, US_ASCII)),
                    MemorySegment.ofArray(state));
        }
    }
}
