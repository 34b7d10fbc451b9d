package io.vfiouser.server.pci;

import io.vfiouser.device.pci.PlacedCapability;
import java.util.List;

/// The two linked lists of capabilities: the standard one, to whose head the header points (PCI
/// Local Bus Specification 3.0, section 6.7), and the extended one from 0x100 on, whose entries
/// point on in the upper 12 bits of their first 4 bytes (PCI Express Base Specification 3.0,
/// section 7.9.3).
final class CapabilityList {
    private static final int NEXT = 1;
    private static final int EXTENDED_VERSION_AND_NEXT = 2;
    private static final int EXTENDED_NEXT_SHIFT = 4;

    private CapabilityList() {}

    /// Links capabilities whose registers are there already.
    ///
    /// @param placed in list order, without overlap
    static void link(List<PlacedCapability> placed, RegisterImage registers) {
        int link = HeaderRegisters.CAPABILITIES_POINTER;
        int extendedLink = 0;
        for (PlacedCapability entry : placed) {
            int at = entry.offset();
            if (!entry.capability().isExtended()) {
                registers.readOnly(link, 1, at);
                link = at + NEXT;
                continue;
            }
            if (extendedLink != 0) {
                int version = registers.value(extendedLink, 2);
                registers.readOnly(extendedLink, 2, version | at << EXTENDED_NEXT_SHIFT);
            }
            extendedLink = at + EXTENDED_VERSION_AND_NEXT;
        }
    }
}
