package io.vfiouser.cli.pci;

/// What a BAR register says of its region.
public final class BarText {
    private static final int FIRST = 0x10;
    private static final int ROM = 0x30;

    private BarText() {}

    /// `Memory at 00000000 (64-bit, non-prefetchable)` or `I/O ports at 0000`.
    ///
    /// @param index 0 to 5
    public static String describe(ConfigImage config, int index) {
        long low = config.u32(FIRST + 4 * index);
        if ((low & 1) != 0) {
            return "I/O ports at " + address("%04x", low & ~3L);
        }
        boolean wide = (low >> 1 & 3) == 2;
        long address = low & ~0xfL;
        if (wide && index < 5) {
            address |= config.u32(FIRST + 4 * index + 4) << 32;
        }
        return "Memory at %s (%s, %s)"
                .formatted(
                        address(wide ? "%016x" : "%08x", address),
                        wide ? "64-bit" : "32-bit",
                        (low & 8) != 0 ? "prefetchable" : "non-prefetchable");
    }

    /// `Expansion ROM at 00000000 [disabled]`.
    public static String describeRom(ConfigImage config) {
        long rom = config.u32(ROM);
        return "Expansion ROM at "
                + address("%08x", rom & ~0x7ffL)
                + ((rom & 1) != 0 ? "" : " [disabled]");
    }

    private static String address(String format, long address) {
        return address == 0 ? "<unassigned>" : format.formatted(address);
    }
}
