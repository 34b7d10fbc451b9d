package io.vfiouser.device.irq;

/// One interrupt of the device: a vector of MSI or MSI-X, the INTx pin, or ERR or REQ.
///
/// [#trigger()] may be called on any thread and never blocks. [#raise()] and [#lower()] belong to
/// the device's loop. A line stays valid while its client is attached; afterwards it does nothing.
public interface IrqLine {
    /// A line that nobody listens to; what a device starts with before a client attaches.
    IrqLine UNWIRED =
            new IrqLine() {
                @Override
                public boolean trigger() {
                    return false;
                }

                @Override
                public boolean raise() {
                    return false;
                }

                @Override
                public void lower() {}

                @Override
                public boolean isArmed() {
                    return false;
                }
            };

    /// Fires once, as an edge. A masked vector is remembered as pending and fires on unmask.
    ///
    /// @return whether the client has armed this interrupt (and so will see it, at the latest on
    ///   unmask); false means that nobody listens
    boolean trigger();

    /// Sets the level: fires now, and again on each unmask until [#lower()]. On a line that is high
    /// already, and for message signalled interrupts that are high already, nothing happens.
    ///
    /// @return whether the client has armed this interrupt
    boolean raise();

    /// Takes the level back; a pending interrupt of a masked line is withdrawn.
    void lower();

    /// Whether the client has given this interrupt an eventfd.
    boolean isArmed();
}
