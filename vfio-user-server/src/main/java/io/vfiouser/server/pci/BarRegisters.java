package io.vfiouser.server.pci;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.Region;

/// The base address registers and the expansion ROM's (PCI Local Bus Specification 3.0, section
/// 6.2.5). Address bits below the size are read-only zeroes, which is what sizing finds. Registers
/// of BARs that are not there are zero.
final class BarRegisters {
    static final int FIRST = 0x10;
    static final int ROM = 0x30;

    private static final int IO_SPACE = 1;
    private static final int TYPE_64 = 2 << 1;
    private static final int PREFETCHABLE = 1 << 3;
    private static final int ROM_ENABLE = 1;

    private BarRegisters() {}

    static void describe(DeviceLayout layout, RegisterImage registers) {
        layout.bars().forEach((index, bar) -> describe(index, bar, registers));
        layout.rom().ifPresent(rom -> describeRom(rom, registers));
    }

    private static void describe(int index, Bar bar, RegisterImage registers) {
        int offset = FIRST + 4 * index;
        long addressBits = -bar.region().size();
        int prefetchable = bar.prefetchable() ? PREFETCHABLE : 0;
        switch (bar.kind()) {
            case IO -> registers.field(offset, 4, IO_SPACE, addressBits);
            case MEMORY_32 -> registers.field(offset, 4, prefetchable, addressBits);
            case MEMORY_64 -> registers.field(offset, 8, TYPE_64 | prefetchable, addressBits);
        }
    }

    private static void describeRom(Region rom, RegisterImage registers) {
        registers.field(ROM, 4, 0, -rom.size() | ROM_ENABLE);
    }
}
