package io.vfiouser.device.pci;

import java.util.Locale;

/// The numbers by which drivers find a device; each 0 to 0xffff.
///
/// @param vendor vendor id
/// @param device device id
/// @param subsystemVendor subsystem vendor id
/// @param subsystem subsystem id
public record PciId(int vendor, int device, int subsystemVendor, int subsystem) {
    /// Checks the ranges.
    public PciId {
        check("vendor", vendor);
        check("device", device);
        check("subsystemVendor", subsystemVendor);
        check("subsystem", subsystem);
    }

    /// Vendor and device id; the subsystem ids are 0.
    public static PciId of(int vendor, int device) {
        return new PciId(vendor, device, 0, 0);
    }

    private static void check(String name, int value) {
        if (value < 0 || value > 0xffff) {
            throw new IllegalArgumentException(
                    name + ": 0x" + Integer.toHexString(value) + " (expected: 0 to 0xffff)");
        }
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%04x:%04x", vendor, device);
    }
}
