package io.vfiouser.device.irq;

/// Is told which interrupts of one type the client masks and unmasks (spec:
/// "VFIO_USER_DEVICE_SET_IRQS").
///
/// A device needs this only if it saves work while nobody listens, or wants to know of the guest's
/// end of interrupt: KVM signals the unmask eventfd of INTx then. What fires while it is masked is
/// kept and fires on unmask without the device's help.
///
/// Masks that the client sets elsewhere (the bits of the MSI capability and of the MSI-X table, the
/// interrupt disable bit) are not told of, nor those that end because the client disables the type.
@FunctionalInterface
public interface IrqMaskListener {
    /// The client has masked or unmasked some vectors next to each other, perhaps not for the first
    /// time; of the unmasked ones, those that were pending have fired. Runs on the device's loop
    /// and must not block; what it throws is logged, and the client sees no error.
    ///
    /// @param start the first vector
    /// @param count how many, at least 1
    /// @param masked whether they are masked now
    void masksChanged(int start, int count, boolean masked);
}
