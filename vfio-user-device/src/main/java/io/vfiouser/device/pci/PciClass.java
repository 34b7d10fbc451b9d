package io.vfiouser.device.pci;

import java.util.Locale;

/// The class code of a device (PCI Code and ID Assignment Specification); each part 0 to 0xff.
///
/// @param base base class, for example 0x01 for mass storage
/// @param sub sub-class, for example 0x08 for non-volatile memory
/// @param programmingInterface for example 0x02 for NVMe
public record PciClass(int base, int sub, int programmingInterface) {
    /// A device that fits no other class.
    public static final PciClass UNASSIGNED = new PciClass(0xff, 0, 0);

    /// Checks the ranges.
    public PciClass {
        if ((base & ~0xff) != 0 || (sub & ~0xff) != 0 || (programmingInterface & ~0xff) != 0) {
            throw new IllegalArgumentException(
                    "class: "
                            + base
                            + ", "
                            + sub
                            + ", "
                            + programmingInterface
                            + " (expected: 0 to 0xff each)");
        }
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%02x%02x%02x", base, sub, programmingInterface);
    }
}
