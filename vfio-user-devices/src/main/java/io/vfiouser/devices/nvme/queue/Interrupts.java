package io.vfiouser.devices.nvme.queue;

import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import java.util.Arrays;
import java.util.BitSet;

/// How completion queues interrupt: a message for each vector, or, where the host uses the pin, a
/// level that is high while any queue has entries that the host has not seen (NVMe 1.4:
/// "Interrupts").
///
/// The mask registers act on the pin and on MSI; the specification leaves open what they do with
/// MSI-X, and here they do nothing.
public final class Interrupts {
    private final QueueTable queues;
    private final IrqLine[] vectors;
    private final Coalescing coalescing;
    private IrqLine pin = IrqLine.UNWIRED;
    private IrqLine firstMsix = IrqLine.UNWIRED;
    private int masked;
    private int held;

    /// Nobody listens.
    ///
    /// @param count how many vectors there are
    public Interrupts(QueueTable queues, int count) {
        this.queues = queues;
        this.vectors = new IrqLine[count];
        this.coalescing = new Coalescing(count, this::fire);
        Arrays.fill(vectors, IrqLine.UNWIRED);
    }

    /// A client has come, or gone.
    public void attach(DeviceContext context) {
        Arrays.setAll(vectors, context::interrupt);
        pin = context.irq(IrqIndex.INTX, 0);
        firstMsix = context.irq(IrqIndex.MSIX, 0);
        coalescing.attach(context);
    }

    /// Nothing masked, nothing held back, the pin low, no coalescing.
    public void reset() {
        coalescing.forget();
        coalescing.set(0, new BitSet());
        masked = 0;
        held = 0;
        pin.lower();
    }

    /// How many vectors there are.
    public int count() {
        return vectors.length;
    }

    /// The mask, as INTMS and INTMC show it.
    public int masked() {
        return masked;
    }

    /// Masks the vectors whose bits are set.
    public void mask(int bits) {
        masked |= bits;
        updatePin();
    }

    /// Unmasks the vectors whose bits are set; what they held back fires.
    public void unmask(int bits) {
        masked &= ~bits;
        int due = held & ~masked;
        held &= masked;
        for (int vector = 0; vector < Integer.SIZE; vector++) {
            if ((due >>> vector & 1) != 0) {
                vectors[vector].trigger();
            }
        }
        updatePin();
    }

    /// Sets how interrupts of I/O queues are gathered, where the host uses messages.
    ///
    /// @param value of the feature Interrupt Coalescing
    /// @param excluded vectors that are never held back
    public void coalesce(int value, BitSet excluded) {
        coalescing.set(value, excluded);
    }

    /// Sends what was held back to be gathered.
    public void signalHeldBack() {
        coalescing.fireAll();
    }

    /// Entries were written to a queue.
    public void signal(CompletionQueue queue) {
        int entries = queue.takeFresh();
        int vector = queue.vector();
        if (!queue.interrupts() || vector >= vectors.length) {
            return;
        }
        if (queue.id() != 0 && !pin.isArmed() && coalescing.holds(vector, entries)) {
            return;
        }
        fire(vector);
    }

    private void fire(int vector) {
        if (masked != 0 && isMasked(vector) && !firstMsix.isArmed()) {
            held |= pin.isArmed() ? 0 : 1 << vector;
        } else if (pin.isArmed()) {
            pin.raise();
        } else {
            vectors[vector].trigger();
        }
    }

    /// Whether the host listens to the pin.
    public boolean usesPin() {
        return pin.isArmed();
    }

    /// The host has seen entries of a queue.
    public void seen(CompletionQueue queue) {
        if (queue.isEmpty() && pin.isArmed()) {
            updatePin();
        }
    }

    /// The pin as the queues now have it.
    public void updatePin() {
        if (!pin.isArmed()) {
            return;
        }
        if (anyUnseen()) {
            pin.raise();
        } else {
            pin.lower();
        }
    }

    private boolean anyUnseen() {
        for (int id = 0; id < vectors.length; id++) {
            CompletionQueue queue = queues.completion(id);
            if (queue != null
                    && queue.interrupts()
                    && !queue.isEmpty()
                    && !isMasked(queue.vector())) {
                return true;
            }
        }
        return false;
    }

    private boolean isMasked(int vector) {
        return vector < Integer.SIZE && (masked >>> vector & 1) != 0;
    }
}
