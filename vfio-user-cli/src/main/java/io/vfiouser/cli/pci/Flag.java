package io.vfiouser.cli.pci;

/// `Name+` and `Name-`, the way `lspci` shows bits.
final class Flag {
    private Flag() {}

    static String of(String name, boolean set) {
        return name + (set ? '+' : '-');
    }

    /// Consecutive bits of the register at `offset`, from `firstBit` up; names that are empty are
    /// left out.
    static String row(ConfigImage config, int offset, int firstBit, String... names) {
        var row = new StringBuilder();
        for (int i = 0; i < names.length; i++) {
            if (!names[i].isEmpty()) {
                row.append(row.isEmpty() ? "" : " ")
                        .append(of(names[i], config.bit(offset, firstBit + i)));
            }
        }
        return row.toString();
    }
}
