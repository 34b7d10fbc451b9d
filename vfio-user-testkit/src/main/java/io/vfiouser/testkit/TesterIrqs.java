package io.vfiouser.testkit;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.irq.IrqLine;
import io.vfiouser.device.irq.IrqMaskListener;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/// All interrupts of one device, and those that fired, in order.
final class TesterIrqs {
    private final Map<IrqIndex, List<TesterIrq>> types = new EnumMap<>(IrqIndex.class);
    private final Map<IrqIndex, IrqMaskListener> listeners = new EnumMap<>(IrqIndex.class);
    private final List<FiredInterrupt> fired = Collections.synchronizedList(new ArrayList<>());

    TesterIrqs(DeviceLayout layout) {
        for (IrqIndex index : IrqIndex.values()) {
            types.put(
                    index,
                    IntStream.range(0, layout.irqCount(index))
                            .mapToObj(subindex -> new TesterIrq(index, subindex, fired::add))
                            .toList());
        }
    }

    List<TesterIrq> type(IrqIndex index) {
        return types.getOrDefault(index, List.of());
    }

    TesterIrq line(IrqIndex index, int subindex) {
        List<TesterIrq> lines = type(index);
        if (subindex < 0 || subindex >= lines.size()) {
            throw new IllegalArgumentException(
                    index
                            + " "
                            + subindex
                            + " (expected: one of the layout's "
                            + lines.size()
                            + ")");
        }
        return lines.get(subindex);
    }

    /// The line for `vector` of MSI-X if any of its vectors is armed, else of MSI, else of INTx.
    private IrqLine preferred(int vector) {
        List<TesterIrq> lines = type(IrqIndex.INTX);
        if (isAnyArmed(IrqIndex.MSIX)) {
            lines = type(IrqIndex.MSIX);
        } else if (isAnyArmed(IrqIndex.MSI)) {
            lines = type(IrqIndex.MSI);
        }
        return vector >= 0 && vector < lines.size() ? lines.get(vector) : IrqLine.UNWIRED;
    }

    /// A line that looks at each use which type is armed.
    IrqLine preferredLine(int vector) {
        return new IrqLine() {
            @Override
            public boolean trigger() {
                return preferred(vector).trigger();
            }

            @Override
            public boolean raise() {
                return preferred(vector).raise();
            }

            @Override
            public void lower() {
                preferred(vector).lower();
            }

            @Override
            public boolean isArmed() {
                return preferred(vector).isArmed();
            }
        };
    }

    void watchMasks(IrqIndex index, IrqMaskListener listener) {
        listeners.put(index, Objects.requireNonNull(listener, "listener"));
    }

    void mask(IrqIndex index, int subindex) {
        line(index, subindex).mask();
        tell(index, subindex, true);
    }

    void unmask(IrqIndex index, int subindex) {
        line(index, subindex).unmask();
        tell(index, subindex, false);
    }

    /// What has fired since the last call.
    List<FiredInterrupt> drain() {
        synchronized (fired) {
            List<FiredInterrupt> all = List.copyOf(fired);
            fired.clear();
            return all;
        }
    }

    private void tell(IrqIndex index, int subindex, boolean masked) {
        IrqMaskListener listener = listeners.get(index);
        if (listener != null) {
            listener.masksChanged(subindex, 1, masked);
        }
    }

    private boolean isAnyArmed(IrqIndex index) {
        return type(index).stream().anyMatch(TesterIrq::isArmed);
    }
}
