package io.vfiouser.server.pci;

/// Learns what a client's write to the config space brought about. Each method is called on the
/// device's loop, after the whole write is applied; what it needs to know it reads from the
/// [ConfigSpaceEngine]. It may call [ConfigSpaceEngine#reset()]. A write by the device itself and a
/// reset tell nothing.
public interface ConfigSpaceListener {
    /// The command register (PCI Local Bus Specification 3.0, section 6.2.2) has another value.
    ///
    /// @param old all 16 bits before the write
    /// @param now all 16 bits after it
    void commandChanged(int old, int now);

    /// MSI or MSI-X was enabled or disabled.
    void messageInterruptsChanged();

    /// MSI mask bits changed: vectors that are pending may fire now.
    void msiMasksChanged();

    /// The MSI-X function mask changed: vectors that are pending may fire now.
    void msixFunctionMaskChanged();

    /// The power state changed.
    void powerStateChanged(PowerState from, PowerState to);

    /// The function came back to D0 and its No_Soft_Reset bit is 0, so it must reset itself, config
    /// space included. Follows [#powerStateChanged].
    void softReset();

    /// The client asked for a function-level reset through the device control register, which
    /// already reads 0 in that bit. The owner resets the device, and the config space with it.
    void functionLevelReset();
}
