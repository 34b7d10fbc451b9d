package io.vfiouser.it.dma;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.migration.Migratable;
import io.vfiouser.device.migration.SavePhase;
import io.vfiouser.device.migration.StateSink;
import io.vfiouser.device.migration.StateSource;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.region.MemoryRegion;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Supplier;

/// A device that becomes quiet as the test says, and notes which of its callbacks are called. BAR0
/// is scratch memory. Its methods below may be called from any thread.
final class QuietDevice implements Device, Migratable {
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final BlockingQueue<String> arrivals = new LinkedBlockingQueue<>();
    private volatile Supplier<Completion> quiet = () -> Completion.DONE;

    /// What the device answers from now on when it is to be quiet.
    void whenAskedToBeQuiet(Supplier<Completion> answer) {
        quiet = answer;
    }

    /// Waits until the device is asked to be quiet.
    void awaitQuiesce() throws InterruptedException {
        arrivals.take();
    }

    /// What has been called since the last time, in order.
    List<String> takeEvents() {
        List<String> taken = List.copyOf(events);
        events.removeAll(taken);
        return taken;
    }

    @Override
    public DeviceLayout layout() {
        return DeviceLayout.pci(0x1234, 0x5679)
                .express()
                .capability(PciCapability.express())
                .bar(0, Bar.memory(0x1000, MemoryRegion.scratch(0x1000)))
                .build();
    }

    @Override
    public Optional<Migratable> migratable() {
        return Optional.of(this);
    }

    @Override
    public Completion quiesce() {
        events.add("quiesce");
        arrivals.add("quiesce");
        return quiet.get();
    }

    @Override
    public void resume() {
        events.add("resume");
    }

    @Override
    public Completion reset(ResetReason reason) {
        events.add("reset " + reason);
        return Completion.DONE;
    }

    @Override
    public void memoryMapped(DmaRange range) {
        events.add("mapped " + range);
    }

    @Override
    public void memoryUnmapped(DmaRange range) {
        events.add("unmapped " + range);
    }

    @Override
    public void detach() {
        events.add("detach");
    }

    @Override
    public Completion stop() {
        events.add("stop");
        return Completion.DONE;
    }

    @Override
    public StateSource save(SavePhase phase) {
        return StateSource.of();
    }

    @Override
    public StateSink load() {
        return StateSink.into(() -> {});
    }
}
