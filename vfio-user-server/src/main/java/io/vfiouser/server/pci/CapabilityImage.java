package io.vfiouser.server.pci;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.PciCapability;
import io.vfiouser.device.pci.PciType;
import java.util.List;

/// One capability as registers, wherever it will lie.
///
/// @param id 0 to 0xff
/// @param registers from the id byte on; the next pointer in byte 1 is not this one's business
/// @param effect what writes to it mean
record CapabilityImage(int id, RegisterImage registers, WriteEffect effect) {
    /// The capabilities of a layout, in its order.
    ///
    /// @throws IllegalArgumentException if one does not go with the layout's type
    static List<CapabilityImage> of(DeviceLayout layout) {
        return layout.capabilities().stream()
                .map(capability -> of(capability, layout.type()))
                .toList();
    }

    private static CapabilityImage of(PciCapability capability, PciType type) {
        return switch (capability) {
            case PciCapability.PowerManagement pm -> PowerManagementRegisters.image(pm);
            case PciCapability.Msi msi -> MsiRegisters.image(msi);
            case PciCapability.MsiX msix -> MsixRegisters.image(msix);
            case PciCapability.Express express -> ExpressRegisters.image(express, type);
            case PciCapability.Vendor vendor -> VendorRegisters.image(vendor);
        };
    }
}
