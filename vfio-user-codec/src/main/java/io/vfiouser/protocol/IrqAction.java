package io.vfiouser.protocol;

/// What `DEVICE_SET_IRQS` does with the vectors it names.
public enum IrqAction {
    /// Keep the vectors from firing.
    MASK(WireFormat.IRQ_ACTION_MASK),
    /// Let the vectors fire again.
    UNMASK(WireFormat.IRQ_ACTION_UNMASK),
    /// Fire the vectors, or set what signals them.
    TRIGGER(WireFormat.IRQ_ACTION_TRIGGER);

    private final int bit;

    IrqAction(int bit) {
        this.bit = bit;
    }

    /// The flag on the wire.
    public int bit() {
        return bit;
    }
}
