package io.vfiouser.testkit;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.LoopTask;
import io.vfiouser.device.irq.InterruptMessages;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.irq.IrqMaskListener;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.pci.ConfigSpace;
import io.vfiouser.device.region.Doorbell;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the tester lends to the device.
record TesterContext(
        TesterIrqs irqs,
        TesterDoorbells doorbells,
        GuestMemory memory,
        ConfigSpace config,
        TesterLoop loop)
        implements DeviceContext {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceTester.class);

    @Override
    public String name() {
        return "test";
    }

    @Override
    public Logger log() {
        return LOG;
    }

    @Override
    public IrqLine irq(IrqIndex index, int subindex) {
        return irqs.line(index, subindex);
    }

    @Override
    public IrqLine interrupt(int vector) {
        return irqs.preferredLine(vector);
    }

    @Override
    public Optional<InterruptMessages> interruptMessages() {
        return Optional.empty();
    }

    @Override
    public void watchMasks(IrqIndex index, IrqMaskListener listener) {
        irqs.watchMasks(index, listener);
    }

    @Override
    public Installed installDoorbell(int region, Doorbell doorbell, LongConsumer rung) {
        return doorbells.install(region, doorbell, rung);
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public boolean onLoop() {
        return loop.isThisThread();
    }

    @Override
    public LoopTask loopTask(Runnable work) {
        return new TesterTask(loop, work);
    }

    @Override
    public Scheduled schedule(Duration delay, Runnable task) {
        return loop.schedule(delay, task);
    }
}
