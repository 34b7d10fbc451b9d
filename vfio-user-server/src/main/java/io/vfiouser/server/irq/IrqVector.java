package io.vfiouser.server.irq;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.os.EventFd;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.observe.IrqView;
import io.vfiouser.server.pci.VectorMasks;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// One interrupt: its eventfd, its masks, and what it owes to the client.
///
/// Any thread may [#trigger()], while the loop arms, masks and disarms. The monitor keeps an
/// eventfd from being closed (and its number from being used again) between the look and the write.
///
/// A level (INTx) that fires masks itself, as VFIO's AUTOMASKED says, until the client unmasks it
/// or the device takes the level back. Edges do not: a client that never unmasks still gets each of
/// them, unless they come faster than [InterruptRate] has it.
final class IrqVector implements IrqLine {
    private static final int MASKED = 1;
    private static final int AUTO_MASKED = 1 << 1;
    private static final int HIGH = 1 << 2;
    private static final int PENDING = 1 << 3;

    private final int number;
    private final boolean level;
    private final VectorMasks masks;
    private final InterruptRate rate;
    private final IntConsumer signals;
    private @Nullable EventFd eventFd;
    private boolean masked;
    private boolean autoMasked;
    private boolean high;
    private boolean pending;
    private boolean late;
    private boolean silenced;
    private long signalled;

    IrqVector(
            int number, boolean level, VectorMasks masks, InterruptRate rate, IntConsumer signals) {
        this.number = number;
        this.level = level;
        this.masks = masks;
        this.rate = rate;
        this.signals = signals;
    }

    @Override
    public synchronized boolean trigger() {
        if (silenced) {
            return false;
        }
        if (eventFd == null) {
            if (masks.enabled()) {
                remember();
            }
            return false;
        }
        if (masked || masks.masked(number)) {
            remember();
        } else {
            signal(eventFd);
        }
        return true;
    }

    /// Never fires again.
    synchronized void silence() {
        lower();
        pending = false;
        late = false;
        silenced = true;
    }

    @Override
    public synchronized boolean raise() {
        if (silenced) {
            return false;
        }
        if (!high) {
            high = true;
            if (level) {
                show();
                fireLevel();
            } else {
                trigger();
            }
        }
        return eventFd != null;
    }

    @Override
    public synchronized void lower() {
        high = false;
        autoMasked = false;
        if (level) {
            pending = false;
            late = false;
            show();
        }
    }

    @Override
    public synchronized boolean isArmed() {
        return eventFd != null;
    }

    synchronized IrqView view(IrqIndex index) {
        return new IrqView(
                index,
                number,
                eventFd != null,
                masked || autoMasked || masks.masked(number),
                pending,
                signalled);
    }

    /// Takes `next` as the eventfd to signal and closes the one before; a level that is high fires,
    /// and an edge that waited for an eventfd.
    synchronized void arm(EventFd next) {
        closeEventFd();
        eventFd = next;
        autoMasked = false;
        if (!level) {
            release();
        } else if (high) {
            fireLevel();
        }
    }

    /// Closes the eventfd and forgets what is pending, unless the client only arms anew.
    synchronized void disarm() {
        closeEventFd();
        if (!level) {
            high = false;
        }
        autoMasked = false;
        if (late) {
            late = false;
            remember();
        }
        forgetUnlessEnabled();
    }

    synchronized void mask() {
        masked = true;
    }

    /// Ends both masks; what waited fires.
    synchronized void unmask() {
        masked = false;
        autoMasked = false;
        release();
    }

    /// The client may have ended a mask in config space or in the MSI-X table.
    synchronized void release() {
        if (eventFd == null) {
            forgetUnlessEnabled();
            return;
        }
        if (masked || masks.masked(number)) {
            return;
        }
        if (level && high) {
            fireLevel();
        } else if (pending) {
            forget();
            signal(eventFd);
        }
    }

    /// What was too much for its time may fire now.
    synchronized void fireLate() {
        if (!late) {
            return;
        }
        late = false;
        if (eventFd == null) {
            return;
        }
        if (masked || masks.masked(number)) {
            autoMasked = false;
            remember();
        } else {
            signal(eventFd);
        }
    }

    /// Back to what it was when the client came, but for the eventfd.
    synchronized void reset() {
        masked = false;
        autoMasked = false;
        high = false;
        pending = false;
        late = false;
        show();
    }

    /// Writes its state. What is late fires now, as another process cannot know when it is due.
    synchronized void save(ImageWriter out) {
        EventFd armed = eventFd;
        if (late && armed != null) {
            late = false;
            armed.signal();
        }
        out.number(
                (masked ? MASKED : 0)
                        | (autoMasked ? AUTO_MASKED : 0)
                        | (high ? HIGH : 0)
                        | (pending ? PENDING : 0));
        out.flag(armed != null);
        if (armed != null) {
            out.descriptor(armed.fd());
        }
    }

    /// Takes over the state of the vector in another process; nothing fires.
    synchronized void restore(ImageReader in) {
        int flags = in.number();
        masked = (flags & MASKED) != 0;
        autoMasked = (flags & AUTO_MASKED) != 0;
        high = (flags & HIGH) != 0;
        pending = (flags & PENDING) != 0;
        late = false;
        closeEventFd();
        if (in.flag()) {
            eventFd = EventFd.adopt(in.descriptor());
        }
    }

    private void fireLevel() {
        if (eventFd == null || autoMasked) {
            return;
        }
        if (masked || masks.masked(number)) {
            remember();
            return;
        }
        forget();
        autoMasked = true;
        signal(eventFd);
    }

    private void signal(EventFd armed) {
        if (!late) {
            if (rate.take(this)) {
                armed.signal();
                signalled++;
                signals.accept(number);
            } else {
                late = true;
            }
        }
    }

    private void remember() {
        pending = true;
        show();
    }

    private void forgetUnlessEnabled() {
        if (!masks.enabled()) {
            forget();
        }
    }

    private void forget() {
        if (pending) {
            pending = false;
            show();
        }
    }

    /// The pending bit; for INTx the interrupt status bit, which shows the level whether it is
    /// masked or not.
    private void show() {
        masks.showPending(number, pending || (level && high));
    }

    private void closeEventFd() {
        if (eventFd != null) {
            eventFd.close();
            eventFd = null;
        }
    }
}
