package io.vfiouser.server.pci;

import io.vfiouser.device.pci.CustomCapability;
import io.vfiouser.device.pci.ExtendedCapability;
import io.vfiouser.device.pci.PciCapability;

/// One capability as registers, wherever it will lie.
///
/// @param registers from the id byte on; where the next one lies is not this one's business
/// @param effect what writes to it mean
record CapabilityImage(RegisterImage registers, WriteEffect effect) {
    static CapabilityImage of(PciCapability capability) {
        return switch (capability) {
            case PciCapability.PowerManagement pm -> PowerManagementRegisters.image(pm);
            case PciCapability.Msi msi -> MsiRegisters.image(msi);
            case PciCapability.MsiX msix -> MsixRegisters.image(msix);
            case PciCapability.Express express -> ExpressRegisters.image(express);
            case PciCapability.Vendor vendor -> VendorRegisters.image(vendor);
            case ExtendedCapability extended -> ExtendedRegisters.image(extended);
            case CustomCapability custom -> CustomRegisters.image(custom);
        };
    }

    /// Registers that writes mean nothing more to.
    static CapabilityImage of(RegisterImage registers) {
        return new CapabilityImage(registers, WriteEffect.NONE);
    }
}
