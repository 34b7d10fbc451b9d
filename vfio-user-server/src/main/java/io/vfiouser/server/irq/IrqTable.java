package io.vfiouser.server.irq;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.irq.IrqMaskListener;
import io.vfiouser.os.Errno;
import io.vfiouser.os.EventFd;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.observe.IrqView;
import io.vfiouser.server.pci.VectorMasks;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// All interrupts of one session, a table of vectors for each type (spec:
/// "VFIO_USER_DEVICE_SET_IRQS"). Belongs to the loop; the [IrqLine]s in it may be triggered
/// anywhere.
public final class IrqTable implements AutoCloseable {
    private final IrqVectors[] types = new IrqVectors[IrqIndex.COUNT];
    private final @Nullable IrqMaskListener[] listeners =
            new @Nullable IrqMaskListener[IrqIndex.COUNT];
    private final MaskWatches watches;

    /// No interrupt armed, none masked.
    ///
    /// @param masks the mask and pending bits of a type besides those of SET_IRQS
    /// @param loop serves the client's mask and unmask eventfds, and interrupts that are late
    /// @param perSecond how many interrupts go to eventfds in a second, at least 1
    /// @param signals told of each vector of a type that is signalled, on any thread
    public IrqTable(
            DeviceLayout layout,
            Function<IrqIndex, VectorMasks> masks,
            DeviceLoop loop,
            int perSecond,
            Function<IrqIndex, IntConsumer> signals) {
        watches = new MaskWatches(loop);
        var rate =
                new InterruptRate(
                        perSecond,
                        (task, nanos) -> {
                            var _ = loop.schedule(task, nanos);
                        },
                        System::nanoTime);
        for (IrqIndex index : IrqIndex.values()) {
            types[index.index()] =
                    new IrqVectors(
                            layout.irqCount(index),
                            index == IrqIndex.INTX,
                            masks.apply(index),
                            rate,
                            signals.apply(index));
        }
    }

    /// Those that were ever used, as they are now, by type and vector. From any thread.
    public List<IrqView> views() {
        var views = new ArrayList<IrqView>();
        for (IrqIndex index : IrqIndex.values()) {
            type(index).addViews(index, views);
        }
        return views;
    }

    /// How many vectors a type has, 0 or more.
    public int count(IrqIndex index) {
        return type(index).count();
    }

    /// How many eventfds of the client there are.
    public int descriptors() {
        int count = watches.count();
        for (IrqVectors type : types) {
            count += type.armed();
        }
        return count;
    }

    /// One line.
    ///
    /// @throws IllegalArgumentException if the type has no such vector
    public IrqLine line(IrqIndex index, int subindex) {
        IrqVectors type = type(index);
        if (subindex < 0 || subindex >= type.count()) {
            throw new IllegalArgumentException(
                    index
                            + " "
                            + subindex
                            + " (expected: one of the "
                            + type.count()
                            + " that the layout has)");
        }
        return type.vector(subindex);
    }

    /// The line for `vector` of whatever the client uses: MSI-X, else MSI, else INTx.
    IrqLine preferred(int vector) {
        if (type(IrqIndex.MSIX).inUse()) {
            return vectorOrNone(IrqIndex.MSIX, vector);
        }
        if (type(IrqIndex.MSI).inUse()) {
            return vectorOrNone(IrqIndex.MSI, vector);
        }
        return vectorOrNone(IrqIndex.INTX, vector);
    }

    /// A line that looks anew at each use which type the client has armed.
    public IrqLine preferredLine(int vector) {
        return new PreferredLine(this, vector);
    }

    /// Gives each vector from `start` an eventfd, which becomes ours. All of them are checked
    /// before the first one changes.
    ///
    /// @throws RequestRejectedException `EINVAL` for a range outside the type
    public void arm(IrqIndex index, int start, List<EventFd> eventFds) {
        IrqVectors type = checked(index, start, eventFds.size());
        for (int i = 0; i < eventFds.size(); i++) {
            type.arm(start + i, eventFds.get(i));
        }
    }

    /// Takes the eventfds of a range away.
    public void disarm(IrqIndex index, int start, int count) {
        IrqVectors type = checked(index, start, count);
        for (int vector = start; vector < start + count; vector++) {
            type.disarm(vector);
        }
    }

    /// Takes all eventfds of a type away and ends its masks.
    public void disable(IrqIndex index) {
        watches.clear(index);
        type(index).disable();
    }

    /// Masks each vector from `start` whenever its eventfd is signalled; the eventfds become ours.
    public void watchMask(IrqIndex index, int start, List<EventFd> eventFds) {
        checkRange(index, start, eventFds.size());
        for (int i = 0; i < eventFds.size(); i++) {
            int vector = start + i;
            watches.watchMask(index, vector, eventFds.get(i), () -> mask(index, vector, 1));
        }
    }

    /// Unmasks each vector from `start` whenever its eventfd is signalled (KVM's resample eventfd
    /// does this at the guest's end of interrupt); the eventfds become ours.
    public void watchUnmask(IrqIndex index, int start, List<EventFd> eventFds) {
        checkRange(index, start, eventFds.size());
        for (int i = 0; i < eventFds.size(); i++) {
            int vector = start + i;
            watches.watchUnmask(index, vector, eventFds.get(i), () -> unmask(index, vector, 1));
        }
    }

    /// Takes the mask eventfds of a range away.
    public void unwatchMask(IrqIndex index, int start, int count) {
        checkRange(index, start, count);
        watches.unwatchMask(index, start, count);
    }

    /// Takes the unmask eventfds of a range away.
    public void unwatchUnmask(IrqIndex index, int start, int count) {
        checkRange(index, start, count);
        watches.unwatchUnmask(index, start, count);
    }

    /// Checks that a range lies within a type.
    ///
    /// @throws RequestRejectedException `EINVAL` if it does not
    public void checkRange(IrqIndex index, int start, int count) {
        checked(index, start, count);
    }

    /// Masks a range; what fires meanwhile stays pending.
    public void mask(IrqIndex index, int start, int count) {
        for (IrqVector vector : range(index, start, count)) {
            vector.mask();
        }
        tell(index, start, count, true);
    }

    /// Unmasks a range; what is pending fires.
    public void unmask(IrqIndex index, int start, int count) {
        for (IrqVector vector : range(index, start, count)) {
            vector.unmask();
        }
        tell(index, start, count, false);
    }

    /// Tells `listener` of what [#mask] and [#unmask] do, also by eventfd.
    public void watchMasks(IrqIndex index, IrqMaskListener listener) {
        listeners[index.index()] = listener;
    }

    /// Fires a range as the device would; vectors without an eventfd are skipped.
    public void trigger(IrqIndex index, int start, int count) {
        for (IrqVector vector : range(index, start, count)) {
            vector.trigger();
        }
    }

    /// The client may have ended a mask bit of one vector: what is pending fires.
    public void unmasked(IrqIndex index, int vector) {
        type(index).unmasked(vector);
    }

    /// The client may have ended mask bits of a type: what is pending fires.
    public void unmasked(IrqIndex index) {
        type(index).unmasked();
    }

    /// Masks, levels and pending interrupts back to none; eventfds stay, as the spec has it for
    /// DEVICE_RESET.
    public void reset() {
        for (IrqVectors type : types) {
            type.reset();
        }
    }

    /// Lets the client's mask and unmask signals gather in their eventfds until [#resumeWatches()].
    public void suspendWatches() {
        watches.suspend();
    }

    /// Watches nothing until [#joinLoop()], on the loop that is left.
    public void leaveLoop() {
        watches.leaveLoop();
    }

    /// Watches on the loop where the device is now.
    public void joinLoop() {
        watches.joinLoop();
    }

    /// Looks at them again.
    public void resumeWatches() {
        watches.resume();
    }

    /// Writes the state of all vectors, with their eventfds.
    public void save(ImageWriter out) {
        for (IrqVectors type : types) {
            type.save(out);
        }
        watches.save(out);
    }

    /// Takes over what [#save] wrote in another process; nothing fires. What the device has done to
    /// its interrupts until now counts for nothing.
    ///
    /// @throws io.vfiouser.server.image.ImageException if there are other vectors here
    public void restore(ImageReader in) {
        for (IrqVectors type : types) {
            type.restore(in);
        }
        int watched = in.number();
        for (int i = 0; i < watched; i++) {
            IrqIndex index = IrqIndex.of(in.count(IrqIndex.COUNT - 1));
            int vector = in.count(type(index).count() - 1);
            boolean masks = in.flag();
            List<EventFd> eventFd = List.of(EventFd.adopt(in.descriptor()));
            if (masks) {
                watchMask(index, vector, eventFd);
            } else {
                watchUnmask(index, vector, eventFd);
            }
        }
        watches.suspend();
    }

    /// The device's interrupts fire no more, whatever is armed; ERR and REQ still do.
    public void silence() {
        type(IrqIndex.INTX).silence();
        type(IrqIndex.MSI).silence();
        type(IrqIndex.MSIX).silence();
    }

    /// Closes every eventfd.
    @Override
    public void close() {
        watches.clear();
        for (IrqVectors type : types) {
            type.disable();
        }
    }

    private List<IrqVector> range(IrqIndex index, int start, int count) {
        IrqVectors type = checked(index, start, count);
        var vectors = new ArrayList<IrqVector>(count);
        for (int vector = start; vector < start + count; vector++) {
            vectors.add(type.vector(vector));
        }
        return vectors;
    }

    private void tell(IrqIndex index, int start, int count, boolean masked) {
        IrqMaskListener listener = listeners[index.index()];
        if (listener != null && count > 0) {
            listener.masksChanged(start, count, masked);
        }
    }

    private IrqLine vectorOrNone(IrqIndex index, int vector) {
        IrqVectors type = type(index);
        return vector >= 0 && vector < type.count() ? type.vector(vector) : IrqLine.UNWIRED;
    }

    private IrqVectors checked(IrqIndex index, int start, int count) {
        IrqVectors type = type(index);
        if (start < 0 || count < 0 || start >= type.count() || count > type.count() - start) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "start: "
                            + Integer.toUnsignedString(start)
                            + ", count: "
                            + Integer.toUnsignedString(count)
                            + " (expected: within the "
                            + type.count()
                            + " vectors of "
                            + index
                            + ")");
        }
        return type;
    }

    private IrqVectors type(IrqIndex index) {
        return types[index.index()];
    }
}
