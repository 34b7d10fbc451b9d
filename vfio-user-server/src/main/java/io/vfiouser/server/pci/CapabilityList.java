package io.vfiouser.server.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The linked list of capabilities (PCI Local Bus Specification 3.0, section 6.7): each starts at
/// the next multiple of 4 after the one before, from 0x40 on.
final class CapabilityList {
    private static final int FIRST = HeaderRegisters.SIZE;
    private static final int END = 0x100;
    private static final int NEXT = 1;

    private final List<Placed> placed = new ArrayList<>();

    /// A capability and where it starts.
    record Placed(int at, CapabilityImage image) {}

    /// Puts capabilities into a config space and links them.
    ///
    /// @throws IllegalArgumentException if there is no room for all of them
    static CapabilityList place(List<CapabilityImage> images, RegisterImage registers) {
        var list = new CapabilityList();
        int link = HeaderRegisters.CAPABILITIES_POINTER;
        int at = FIRST;
        for (CapabilityImage image : images) {
            int end = at + image.registers().size();
            if (end > END) {
                throw new IllegalArgumentException(
                        String.format(
                                Locale.ROOT,
                                "capability 0x%02x at 0x%02x: %d bytes (expected: end <= 0x%x)",
                                image.id(),
                                at,
                                image.registers().size(),
                                END));
            }
            registers.include(at, image.registers());
            registers.readOnly(link, 1, at);
            list.placed.add(new Placed(at, image));
            link = at + NEXT;
            at = (end + 3) & ~3;
        }
        return list;
    }

    List<Placed> placed() {
        return placed;
    }

    /// Where the first capability with this id starts, or 0.
    int find(int id) {
        for (Placed capability : placed) {
            if (capability.image().id() == id) {
                return capability.at();
            }
        }
        return 0;
    }
}
