package io.vfiouser.filters;

import io.vfiouser.device.irq.IrqIndex;

/// The interrupt that a [DeviceFilter] is asked about. Answers as of now, from any thread.
public interface FilteredIrq {
    /// Its type; for a device that fires whatever the driver listens to, the type that it listens
    /// to, INTx if to none.
    IrqIndex index();

    /// Its number within the type.
    int vector();

    /// Whether a client listens to it.
    boolean isArmed();

    /// The type's name, a dot and the vector, such as `MSIX.3`.
    default String text() {
        return index() + "." + vector();
    }
}
