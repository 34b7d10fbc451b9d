package io.vfiouser.server.irq;

import io.vfiouser.device.irq.IrqLine;

/// Vector `vector` of the type that the client has armed at the time of each call.
///
/// @param table where to look
/// @param vector the number within that type
record PreferredLine(IrqTable table, int vector) implements IrqLine {
    @Override
    public boolean trigger() {
        return table.preferred(vector).trigger();
    }

    @Override
    public boolean raise() {
        return table.preferred(vector).raise();
    }

    @Override
    public void lower() {
        table.preferred(vector).lower();
    }

    @Override
    public boolean isArmed() {
        return table.preferred(vector).isArmed();
    }
}
