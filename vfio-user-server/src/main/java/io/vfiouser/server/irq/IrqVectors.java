package io.vfiouser.server.irq;

import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.os.EventFd;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import io.vfiouser.server.observe.IrqView;
import io.vfiouser.server.pci.VectorMasks;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The vectors of one type, made as they are needed: a device may have thousands and a process
/// thousands of devices.
final class IrqVectors {
    private final boolean level;
    private final VectorMasks masks;
    private final InterruptRate rate;
    private final IntConsumer signals;
    private final @Nullable IrqVector[] vectors;
    private volatile int armed;

    IrqVectors(
            int count, boolean level, VectorMasks masks, InterruptRate rate, IntConsumer signals) {
        this.level = level;
        this.masks = masks;
        this.rate = rate;
        this.signals = signals;
        this.vectors = new @Nullable IrqVector[count];
    }

    int count() {
        return vectors.length;
    }

    /// How many of them have an eventfd.
    int armed() {
        return armed;
    }

    /// Whether the client has set up any of them.
    boolean inUse() {
        return armed > 0 || masks.enabled();
    }

    /// The vector with this number, within the count.
    IrqVector vector(int number) {
        synchronized (vectors) {
            IrqVector vector = vectors[number];
            if (vector == null) {
                vector = new IrqVector(number, level, masks, rate, signals);
                vectors[number] = vector;
            }
            return vector;
        }
    }

    void arm(int number, EventFd eventFd) {
        IrqVector vector = vector(number);
        if (!vector.isArmed()) {
            setArmed(armed + 1);
        }
        vector.arm(eventFd);
    }

    void disarm(int number) {
        IrqVector vector = vector(number);
        if (vector.isArmed()) {
            setArmed(armed - 1);
        }
        vector.disarm();
    }

    void silence() {
        for (IrqVector vector : vectors) {
            if (vector != null) {
                vector.silence();
            }
        }
    }

    void disable() {
        for (IrqVector vector : vectors) {
            if (vector != null) {
                vector.disarm();
                vector.unmask();
            }
        }
        setArmed(0);
    }

    void reset() {
        for (IrqVector vector : vectors) {
            if (vector != null) {
                vector.reset();
            }
        }
    }

    void unmasked(int number) {
        IrqVector vector = number < vectors.length ? vectors[number] : null;
        if (vector != null) {
            vector.release();
        }
    }

    void unmasked() {
        for (IrqVector vector : vectors) {
            if (vector != null) {
                vector.release();
            }
        }
    }

    void save(ImageWriter out) {
        synchronized (vectors) {
            out.number((int) Arrays.stream(vectors).filter(Objects::nonNull).count());
            for (int number = 0; number < vectors.length; number++) {
                IrqVector vector = vectors[number];
                if (vector != null) {
                    vector.save(out.number(number));
                }
            }
        }
    }

    void restore(ImageReader in) {
        int known = in.count(vectors.length);
        int withEventFd = 0;
        for (int i = 0; i < known; i++) {
            IrqVector vector = vector(in.count(vectors.length - 1));
            vector.restore(in);
            withEventFd += vector.isArmed() ? 1 : 0;
        }
        setArmed(withEventFd);
    }

    /// Appends what there is to say of those that were used.
    void addViews(IrqIndex index, List<IrqView> views) {
        for (int number = 0; number < vectors.length; number++) {
            IrqVector vector;
            synchronized (vectors) {
                vector = vectors[number];
            }
            if (vector != null) {
                views.add(vector.view(index));
            }
        }
    }

    /// Only the loop writes the count; other threads read it.
    private void setArmed(int count) {
        armed = count;
    }
}
