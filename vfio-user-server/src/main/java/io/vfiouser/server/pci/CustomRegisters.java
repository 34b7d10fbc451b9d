package io.vfiouser.server.pci;

import io.vfiouser.device.pci.CustomCapability;

/// A capability that the device has described register by register.
final class CustomRegisters {
    private CustomRegisters() {}

    static CapabilityImage image(CustomCapability capability) {
        byte[] initial = capability.initial();
        byte[] writable = capability.writable();
        byte[] clearedByOne = capability.clearedByOne();
        var registers = new RegisterImage(capability.size());
        if (capability.isExtended()) {
            long header = ExtendedRegisters.header(capability.id(), capability.version());
            registers.readOnly(0, 4, header);
        } else {
            registers.readOnly(0, 1, capability.id());
        }
        for (int i = capability.headerSize(); i < initial.length; i++) {
            registers.field(i, 1, initial[i], writable[i]).clearedByOne(i, 1, clearedByOne[i]);
        }
        return CapabilityImage.of(registers);
    }
}
