package io.vfiouser.device.pci;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/// A capability and where it lies in config space.
///
/// @param offset where it starts; a multiple of 4, 0x40 or above, 0x100 or above in the extended
///   list
/// @param capability what lies there
public record PlacedCapability(int offset, PciCapability capability) {
    /// Checks the fields.
    public PlacedCapability {
        Objects.requireNonNull(capability, "capability");
        if (offset < 0x40 || offset % 4 != 0) {
            throw new IllegalArgumentException(
                    "offset: 0x"
                            + Integer.toHexString(offset)
                            + " (expected: a multiple of 4, at least 0x40)");
        }
    }

    /// The first byte after it.
    public int end() {
        return offset + capability.size();
    }

    /// Where the next capability with an id starts, or 0 if there is none.
    ///
    /// @param list in list order
    /// @param extended which of the two lists to look through
    /// @param after the start of the capability to look behind; 0 to look from the head
    /// @param id what to look for
    /// @throws IllegalArgumentException if no capability of that list starts at `after`
    public static int find(List<PlacedCapability> list, boolean extended, int after, int id) {
        boolean passed = after == 0;
        for (PlacedCapability placed : list) {
            if (placed.capability().isExtended() != extended) {
                continue;
            }
            if (passed && placed.capability().id() == id) {
                return placed.offset();
            }
            passed |= placed.offset() == after;
        }
        if (!passed) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "after: 0x%x (expected: 0, or where %s capability starts)",
                            after,
                            extended ? "an extended" : "a"));
        }
        return 0;
    }
}
