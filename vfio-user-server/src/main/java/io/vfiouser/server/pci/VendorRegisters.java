package io.vfiouser.server.pci;

import io.vfiouser.device.pci.PciCapability;

/// A vendor-specific capability (PCI Local Bus Specification 3.0, appendix H): id, next pointer,
/// its length as a whole, then the vendor's bytes.
final class VendorRegisters {
    private static final int LENGTH = 2;
    private static final int HEADER_SIZE = 3;

    private VendorRegisters() {}

    static CapabilityImage image(PciCapability.Vendor capability) {
        byte[] data = capability.data();
        int size = capability.size();
        int writable = capability.readOnly() ? 0 : 0xff;
        var registers =
                new RegisterImage(size).readOnly(0, 1, capability.id()).readOnly(LENGTH, 1, size);
        for (int i = 0; i < data.length; i++) {
            registers.field(HEADER_SIZE + i, 1, data[i], writable);
        }
        return CapabilityImage.of(registers);
    }
}
