package io.vfiouser.device.pci;

/// The kind of PCI function, which decides the size of its config space.
public enum PciType {
    /// Conventional PCI.
    CONVENTIONAL(256),
    /// PCI-X mode 1.
    PCI_X_1(256),
    /// PCI-X mode 2.
    PCI_X_2(4096),
    /// PCI Express.
    EXPRESS(4096);

    private final int configSpaceSize;

    PciType(int configSpaceSize) {
        this.configSpaceSize = configSpaceSize;
    }

    /// Bytes of config space: 256 or 4096.
    public int configSpaceSize() {
        return configSpaceSize;
    }
}
