package io.vfiouser.server.session;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.LoopTask;
import io.vfiouser.device.irq.InterruptMessages;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.irq.IrqMaskListener;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.device.pci.ConfigSpace;
import io.vfiouser.device.region.Doorbell;
import io.vfiouser.os.Errno;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.server.irq.IrqTable;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.region.DoorbellTable;
import io.vfiouser.server.region.InstalledDoorbell;
import io.vfiouser.server.watch.Watched;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.slf4j.Logger;

/// What a device gets from one session; dead once the client has gone.
final class AttachedContext implements DeviceContext {
    private final DeviceHost host;
    private final DeviceLoop loop;
    private final IrqTable irqs;
    private final DoorbellTable doorbells;
    private final GuestMemory memory;
    private final Optional<InterruptMessages> messages;
    private volatile boolean attached = true;

    AttachedContext(
            DeviceHost host,
            DeviceLoop loop,
            IrqTable irqs,
            DoorbellTable doorbells,
            GuestMemory memory,
            Optional<InterruptMessages> messages) {
        this.host = host;
        this.loop = loop;
        this.irqs = irqs;
        this.doorbells = doorbells;
        this.memory = memory;
        this.messages = messages;
    }

    @Override
    public String name() {
        return host.name();
    }

    @Override
    public Logger log() {
        return host.deviceLog();
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
        return messages.map(real ->
                vector -> {
                    if (!attached) {
                        throw new DeviceException(
                                Errno.ENOTCONN,
                                "device: detached (expected: a client to interrupt)");
                    }
                    return real.send(vector);
                });
    }

    @Override
    public void watchMasks(IrqIndex index, IrqMaskListener listener) {
        Objects.requireNonNull(listener, "listener");
        irqs.watchMasks(
                index,
                (start, count, masked) ->
                        host.code()
                                .guarded(
                                        "interrupt masks",
                                        () -> listener.masksChanged(start, count, masked)));
    }

    @Override
    public Installed installDoorbell(int region, Doorbell doorbell, LongConsumer rung) {
        Objects.requireNonNull(rung, "rung");
        InstalledDoorbell installed =
                doorbells.install(region, doorbell, value -> ring(rung, value));
        return () -> doorbells.remove(installed);
    }

    @Override
    public GuestMemory memory() {
        return memory;
    }

    @Override
    public ConfigSpace config() {
        return host.config();
    }

    @Override
    public void execute(Runnable task) {
        if (loop.inLoop()) {
            // The loop empties its queue before it looks at its sockets again.
            loop.nextTurn(() -> run(task));
        } else {
            loop.execute(() -> run(task));
        }
    }

    @Override
    public boolean onLoop() {
        return loop.inLoop();
    }

    @Override
    public LoopTask loopTask(Runnable work) {
        return new TurnTask(loop, () -> run(work));
    }

    @Override
    public Scheduled schedule(Duration delay, Runnable task) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException("delay: " + delay + " (expected: zero or more)");
        }
        return loop.schedule(() -> run(task), delay.toNanos())::cancel;
    }

    void detach() {
        attached = false;
    }

    private void ring(LongConsumer rung, long value) {
        if (!attached) {
            return;
        }
        Watched before = host.watch().enter(host);
        try {
            rung.accept(value);
            MemoryFaults.deliverPending();
        } catch (Throwable thrown) {
            host.code().deviceFailed("doorbell", thrown);
        } finally {
            host.watch().leave(before);
        }
    }

    private void run(Runnable task) {
        if (!attached) {
            return;
        }
        Watched before = host.watch().enter(host);
        try {
            task.run();
            MemoryFaults.deliverPending();
        } catch (Throwable thrown) {
            host.code().deviceFailed("task", thrown);
        } finally {
            host.watch().leave(before);
        }
    }
}
