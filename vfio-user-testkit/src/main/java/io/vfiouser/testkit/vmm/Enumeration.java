package io.vfiouser.testkit.vmm;

import io.vfiouser.client.RegionInfo;
import java.util.ArrayList;
import java.util.List;

/// Finds out how large the BARs are and gives them addresses, as firmware does (PCI Local Bus
/// specification 3.0: "Base Addresses").
final class Enumeration {
    private static final int BARS = 6;
    private static final long ALL_ONES = 0xffff_ffffL;
    private static final int IO = 1;
    private static final int KIND_MASK = 6;
    private static final int KIND_64_BIT = 4;

    private final Link link;
    private final PciConfig config;
    private final List<PciBar> found = new ArrayList<>();
    private long nextPort = 0xc000;
    private long nextLow = 0xe000_0000L;
    private long nextHigh = 0x80_0000_0000L;

    private Enumeration(Link link) {
        this.link = link;
        this.config = new PciConfig(link);
    }

    /// The BARs that there are, placed, with decoding off.
    static List<PciBar> place(Link link) {
        var enumeration = new Enumeration(link);
        enumeration.config.write(PciConfig.COMMAND, 2, 0);
        for (int bar = 0; bar < BARS; ) {
            bar += enumeration.placeOne(bar);
        }
        return List.copyOf(enumeration.found);
    }

    /// @return how many BAR registers it takes
    private int placeOne(int bar) {
        long mask = probe(bar);
        if (mask == 0) {
            return 1;
        }
        boolean io = (mask & IO) != 0;
        boolean wide = !io && (mask & KIND_MASK) == KIND_64_BIT;
        long size;
        if (io) {
            size = (~(mask & ~3L) & 0xffff) + 1; // the upper half need not be there
        } else if (wide) {
            size = ~(probe(bar + 1) << Integer.SIZE | (mask & ~0xfL)) + 1;
        } else {
            size = (~(mask & ~0xfL) & ALL_ONES) + 1;
        }
        checkSize(bar, size);
        long address = allocate(size, io, wide);
        set(bar, address & ALL_ONES);
        if (wide) {
            set(bar + 1, address >>> Integer.SIZE);
        }
        found.add(new PciBar(link, bar, io, address, size));
        return wide ? 2 : 1;
    }

    private long probe(int bar) {
        int offset = PciConfig.BAR0 + Integer.BYTES * bar;
        config.write(offset, Integer.BYTES, ALL_ONES);
        return config.read(offset, Integer.BYTES);
    }

    private void set(int bar, long address) {
        int offset = PciConfig.BAR0 + Integer.BYTES * bar;
        config.write(offset, Integer.BYTES, address);
        long got = config.read(offset, Integer.BYTES);
        if ((got & ~0xfL) != (address & ~0xfL)) {
            throw new AssertionError(
                    "BAR%d: 0x%x after 0x%x was written (expected: that address)"
                            .formatted(bar, got, address));
        }
    }

    private void checkSize(int bar, long size) {
        if (Long.bitCount(size) != 1) {
            throw new AssertionError(
                    "BAR%d: sized as 0x%x (expected: a power of two)".formatted(bar, size));
        }
        try (RegionInfo region = link.client().regionInfo(bar)) {
            if (Long.compareUnsigned(region.size(), size) > 0) {
                throw new AssertionError(
                        "BAR%d: sized as 0x%x (expected: the region's 0x%x at least)"
                                .formatted(bar, size, region.size()));
            }
        }
    }

    private long allocate(long size, boolean io, boolean wide) {
        if (io) {
            long address = align(nextPort, size);
            nextPort = address + size;
            return address;
        }
        if (wide) {
            long address = align(nextHigh, size);
            nextHigh = address + size;
            return address;
        }
        long address = align(nextLow, size);
        nextLow = address + size;
        return address;
    }

    private static long align(long address, long size) {
        return (address + size - 1) & -size;
    }
}
