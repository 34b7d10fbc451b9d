package io.vfiouser.server.pci;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.pci.PciType;

/// The type 0 header (PCI Local Bus Specification 3.0, section 6.2), but for its BARs.
final class HeaderRegisters {
    static final int SIZE = 0x40;
    static final int COMMAND = 0x04;
    static final int STATUS = 0x06;
    static final int CAPABILITIES_POINTER = 0x34;

    static final int COMMAND_IO = 1;
    static final int COMMAND_MEMORY = 1 << 1;
    static final int COMMAND_BUS_MASTER = 1 << 2;
    static final int COMMAND_WRITE_AND_INVALIDATE = 1 << 4;
    static final int COMMAND_PARITY_RESPONSE = 1 << 6;
    static final int COMMAND_SERR = 1 << 8;
    static final int COMMAND_INTX_DISABLE = 1 << 10;

    static final int STATUS_INTERRUPT = 1 << 3;
    static final int STATUS_CAPABILITIES = 1 << 4;

    /// Master data parity error, signalled and received target abort, received master abort,
    /// signalled system error, detected parity error.
    static final int STATUS_CLEARED_BY_ONE = 0xf900;

    private static final int VENDOR_ID = 0x00;
    private static final int DEVICE_ID = 0x02;
    private static final int REVISION = 0x08;
    private static final int CLASS_CODE = 0x09;
    private static final int CACHE_LINE_SIZE = 0x0c;
    private static final int LATENCY_TIMER = 0x0d;
    private static final int SUBSYSTEM_VENDOR_ID = 0x2c;
    private static final int SUBSYSTEM_ID = 0x2e;
    private static final int INTERRUPT_LINE = 0x3c;
    private static final int INTERRUPT_PIN = 0x3d;

    private static final int PIN_A = 1;

    private HeaderRegisters() {}

    static void describe(DeviceLayout layout, RegisterImage registers) {
        var pciClass = layout.pciClass();
        int classCode =
                pciClass.base() << 16 | pciClass.sub() << 8 | pciClass.programmingInterface();
        boolean express = layout.type() == PciType.EXPRESS;
        registers
                .readOnly(VENDOR_ID, 2, layout.id().vendor())
                .readOnly(DEVICE_ID, 2, layout.id().device())
                .field(COMMAND, 2, 0, writableCommandBits(layout))
                .readOnly(STATUS, 2, hasCapabilityList(layout) ? STATUS_CAPABILITIES : 0)
                .clearedByOne(STATUS, 2, STATUS_CLEARED_BY_ONE)
                .readOnly(REVISION, 1, layout.revision())
                .readOnly(CLASS_CODE, 3, classCode)
                .field(CACHE_LINE_SIZE, 1, 0, 0xff)
                .field(LATENCY_TIMER, 1, 0, express ? 0 : 0xff)
                .readOnly(SUBSYSTEM_VENDOR_ID, 2, layout.id().subsystemVendor())
                .readOnly(SUBSYSTEM_ID, 2, layout.id().subsystem())
                .field(INTERRUPT_LINE, 1, 0, 0xff)
                .readOnly(INTERRUPT_PIN, 1, hasIntx(layout) ? PIN_A : 0);
    }

    /// A bit is writable if the function has what it switches. Special cycles, VGA palette snoop,
    /// stepping and fast back-to-back are of a bus that is not there, and always 0.
    private static int writableCommandBits(DeviceLayout layout) {
        int bits = COMMAND_BUS_MASTER | COMMAND_PARITY_RESPONSE | COMMAND_SERR;
        if (hasBar(layout, true) || layout.vga().isPresent()) {
            bits |= COMMAND_IO;
        }
        if (hasBar(layout, false) || layout.rom().isPresent() || layout.vga().isPresent()) {
            bits |= COMMAND_MEMORY;
        }
        if (layout.type() != PciType.EXPRESS) {
            bits |= COMMAND_WRITE_AND_INVALIDATE;
        }
        if (hasIntx(layout)) {
            bits |= COMMAND_INTX_DISABLE;
        }
        return bits;
    }

    private static boolean hasBar(DeviceLayout layout, boolean io) {
        return layout.bars().values().stream().anyMatch(bar -> (bar.kind() == Bar.Kind.IO) == io);
    }

    private static boolean hasCapabilityList(DeviceLayout layout) {
        return layout.capabilities().stream().anyMatch(entry -> !entry.capability().isExtended());
    }

    private static boolean hasIntx(DeviceLayout layout) {
        return layout.irqCount(IrqIndex.INTX) > 0;
    }
}
