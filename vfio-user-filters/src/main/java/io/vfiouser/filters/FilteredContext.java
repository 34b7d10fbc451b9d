package io.vfiouser.filters;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.LoopTask;
import io.vfiouser.device.irq.InterruptMessages;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.irq.IrqMaskListener;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.ConfigSpace;
import io.vfiouser.device.region.Doorbell;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.slf4j.Logger;

/// What the device gets in place of the server's context.
final class FilteredContext implements DeviceContext {
    private final FilterChain filters;
    private final FilteredLayout layout;
    private final DeviceContext context;
    private final GuestMemory memory;

    FilteredContext(FilterChain filters, FilteredLayout layout, DeviceContext context) {
        this.filters = filters;
        this.layout = layout;
        this.context = context;
        this.memory = new FilteredMemory(filters, context.memory());
    }

    @Override
    public String name() {
        return context.name();
    }

    @Override
    public Logger log() {
        return context.log();
    }

    @Override
    public IrqLine irq(IrqIndex index, int subindex) {
        return new FilteredLine(filters, context.irq(index, subindex), () -> index, subindex);
    }

    @Override
    public IrqLine interrupt(int vector) {
        return new FilteredLine(
                filters, context.interrupt(vector), () -> listenedTo(vector), vector);
    }

    @Override
    public Optional<InterruptMessages> interruptMessages() {
        return context.interruptMessages().map(messages -> vector -> send(messages, vector));
    }

    @Override
    public void watchMasks(IrqIndex index, IrqMaskListener listener) {
        context.watchMasks(index, listener);
    }

    /// A client that signals an eventfd goes past the filters, so where a filter stands before the
    /// region it is not offered one, and its writes come as messages.
    @Override
    public Installed installDoorbell(int region, Doorbell doorbell, LongConsumer rung) {
        return layout.isFiltered(region)
                ? () -> {}
                : context.installDoorbell(region, doorbell, rung);
    }

    @Override
    public GuestMemory memory() {
        return memory;
    }

    @Override
    public ConfigSpace config() {
        return context.config();
    }

    @Override
    public void execute(Runnable task) {
        context.execute(task);
    }

    @Override
    public boolean onLoop() {
        return context.onLoop();
    }

    @Override
    public LoopTask loopTask(Runnable work) {
        return context.loopTask(work);
    }

    @Override
    public Scheduled schedule(Duration delay, Runnable task) {
        return context.schedule(delay, task);
    }

    private Completion send(InterruptMessages messages, int vector) {
        var irq = new FilteredLine(filters, IrqLine.UNWIRED, () -> listenedTo(vector), vector);
        return filters.interrupt(irq, IrqSignal.MESSAGE) ? messages.send(vector) : Completion.DONE;
    }

    private IrqIndex listenedTo(int vector) {
        if (isArmed(IrqIndex.MSIX, vector)) {
            return IrqIndex.MSIX;
        }
        return isArmed(IrqIndex.MSI, vector) ? IrqIndex.MSI : IrqIndex.INTX;
    }

    private boolean isArmed(IrqIndex index, int vector) {
        return vector < layout.filtered().irqCount(index) && context.irq(index, vector).isArmed();
    }
}
