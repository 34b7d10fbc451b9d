package io.vfiouser.device.irq;

/// The interrupt types of a PCI device, in the order of their index on the wire (spec:
/// "VFIO_USER_DEVICE_GET_IRQ_INFO").
public enum IrqIndex {
    /// The interrupt pin, a level.
    INTX(0),
    /// Message signalled interrupts, 1 to 32 vectors, a power of two.
    MSI(1),
    /// Extended message signalled interrupts, 1 to 2048 vectors.
    MSIX(2),
    /// An unrecoverable error of the device; at most one.
    ERR(3),
    /// The device asks to be unplugged; at most one.
    REQ(4);

    private static final IrqIndex[] VALUES = values();

    /// How many there are.
    public static final int COUNT = VALUES.length;

    private final int index;

    IrqIndex(int index) {
        this.index = index;
    }

    /// Its number on the wire, 0 to [#COUNT] - 1.
    public int index() {
        return index;
    }

    /// The type with this index.
    ///
    /// @param index 0 to [#COUNT] - 1
    /// @throws IllegalArgumentException for any other index
    public static IrqIndex of(int index) {
        if (index < 0 || index >= COUNT) {
            throw new IllegalArgumentException(
                    "IRQ index: " + index + " (expected: 0 to " + (COUNT - 1) + ")");
        }
        return VALUES[index];
    }
}
