package io.vfiouser.trace.proxy;

import io.netty.channel.EventLoop;
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
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What filters in a proxy have: a name, the time, and the client's interrupts. Memory goes past
/// the proxy.
final class ProxiedContext implements DeviceContext {
    private static final Logger LOG = LoggerFactory.getLogger(ProxiedContext.class);

    private final EventLoop loop;
    private final ProxiedInterrupts interrupts;

    ProxiedContext(EventLoop loop, ProxiedInterrupts interrupts) {
        this.loop = loop;
        this.interrupts = interrupts;
    }

    @Override
    public String name() {
        return "proxy";
    }

    @Override
    public Logger log() {
        return LOG;
    }

    @Override
    public IrqLine irq(IrqIndex index, int subindex) {
        return interrupts.line(index, subindex);
    }

    @Override
    public IrqLine interrupt(int vector) {
        return interrupts.preferred(vector);
    }

    @Override
    public Optional<InterruptMessages> interruptMessages() {
        return Optional.empty();
    }

    @Override
    public void watchMasks(IrqIndex index, IrqMaskListener listener) {
        UNATTACHED.watchMasks(index, listener);
    }

    @Override
    public Installed installDoorbell(int region, Doorbell doorbell, LongConsumer rung) {
        return UNATTACHED.installDoorbell(region, doorbell, rung);
    }

    @Override
    public GuestMemory memory() {
        return UNATTACHED.memory();
    }

    @Override
    public ConfigSpace config() {
        return UNATTACHED.config();
    }

    @Override
    public void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    public boolean onLoop() {
        return loop.inEventLoop();
    }

    @Override
    public LoopTask loopTask(Runnable work) {
        return () -> loop.execute(work);
    }

    @Override
    public Scheduled schedule(Duration delay, Runnable task) {
        ScheduledFuture<?> timer = loop.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
        return () -> timer.cancel(false);
    }
}
