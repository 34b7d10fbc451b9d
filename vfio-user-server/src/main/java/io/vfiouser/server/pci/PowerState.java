package io.vfiouser.server.pci;

/// The power states that a function can be put into (PCI Bus Power Management Interface
/// Specification 1.2, section 3.2.4, "PMCSR").
public enum PowerState {
    /// Fully on.
    D0(0),
    /// Off but for the config space.
    D3_HOT(3);

    private final int bits;

    PowerState(int bits) {
        this.bits = bits;
    }

    /// The value of the PowerState field, 0 to 3.
    int bits() {
        return bits;
    }

    static PowerState ofBits(int bits) {
        return bits == D3_HOT.bits ? D3_HOT : D0;
    }
}
