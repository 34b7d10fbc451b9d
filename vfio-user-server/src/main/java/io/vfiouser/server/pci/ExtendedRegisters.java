package io.vfiouser.server.pci;

import io.vfiouser.device.pci.ExtendedCapability;

/// The extended capabilities (PCI Express Base Specification 3.0, sections 7.12 "Device Serial
/// Number" and 7.19 "Vendor-Specific"); error reporting is [ErrorReportingRegisters].
final class ExtendedRegisters {
    private static final int VERSION_SHIFT = 16;
    private static final int SERIAL_NUMBER = 4;
    private static final int VENDOR_HEADER = 4;
    private static final int VENDOR_DATA = 8;
    private static final int VENDOR_REVISION_SHIFT = 16;
    private static final int VENDOR_LENGTH_SHIFT = 20;

    private ExtendedRegisters() {}

    static CapabilityImage image(ExtendedCapability capability) {
        return switch (capability) {
            case ExtendedCapability.DeviceSerialNumber serial ->
                    CapabilityImage.of(header(serial).readOnly(SERIAL_NUMBER, 8, serial.serial()));
            case ExtendedCapability.VendorSpecific vendor -> CapabilityImage.of(vendor(vendor));
            case ExtendedCapability.AdvancedErrorReporting errors ->
                    CapabilityImage.of(ErrorReportingRegisters.describe(header(errors)));
        };
    }

    /// What every extended capability starts with, as the last of its list.
    static long header(int id, int version) {
        return id | (long) version << VERSION_SHIFT;
    }

    private static RegisterImage header(ExtendedCapability capability) {
        return new RegisterImage(capability.size())
                .readOnly(0, 4, header(capability.id(), capability.version()));
    }

    private static RegisterImage vendor(ExtendedCapability.VendorSpecific capability) {
        byte[] data = capability.data();
        int writable = capability.readOnly() ? 0 : 0xff;
        long vendorHeader =
                capability.vsecId()
                        | capability.revision() << VENDOR_REVISION_SHIFT
                        | (long) capability.size() << VENDOR_LENGTH_SHIFT;
        RegisterImage registers = header(capability).readOnly(VENDOR_HEADER, 4, vendorHeader);
        for (int i = 0; i < data.length; i++) {
            registers.field(VENDOR_DATA + i, 1, data[i], writable);
        }
        return registers;
    }
}
