package io.vfiouser.protocol;

/// What an interrupt type can do (spec: "VFIO_USER_DEVICE_GET_IRQ_INFO", flags).
///
/// @param bits the flags as they are on the wire; bits without a meaning are kept
public record IrqFlags(int bits) {
    /// Bit: interrupts are signalled through eventfds.
    public static final int EVENTFD = 1;

    /// Bit: vectors can be masked and unmasked.
    public static final int MASKABLE = 2;

    /// Bit: a vector masks itself when it fires.
    public static final int AUTOMASKED = 4;

    /// Bit: the number of enabled vectors cannot change without a disable in between.
    public static final int NORESIZE = 8;

    /// Signalled through eventfds and nothing else.
    public static final IrqFlags EVENTFD_ONLY = new IrqFlags(EVENTFD);

    /// Whether interrupts are signalled through eventfds.
    public boolean eventfd() {
        return (bits & EVENTFD) != 0;
    }

    /// Whether vectors can be masked and unmasked.
    public boolean maskable() {
        return (bits & MASKABLE) != 0;
    }

    /// Whether a vector masks itself when it fires.
    public boolean automasked() {
        return (bits & AUTOMASKED) != 0;
    }

    /// Whether the number of enabled vectors is fixed while enabled.
    public boolean noResize() {
        return (bits & NORESIZE) != 0;
    }
}
