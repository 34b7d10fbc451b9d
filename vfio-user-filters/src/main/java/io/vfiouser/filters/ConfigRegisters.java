package io.vfiouser.filters;

import io.vfiouser.device.region.Register;
import io.vfiouser.device.region.Register.Access;
import java.util.ArrayList;
import java.util.List;

/// The registers of a type 0 header of the PCI config space.
final class ConfigRegisters {
    private static final List<Register> ALL = header();

    private ConfigRegisters() {}

    static List<Register> all() {
        return ALL;
    }

    private static List<Register> header() {
        var header = new ArrayList<Register>();
        add(header, 0x00, 2, "VENDOR_ID");
        add(header, 0x02, 2, "DEVICE_ID");
        add(header, 0x04, 2, "COMMAND");
        add(header, 0x06, 2, "STATUS");
        add(header, 0x08, 1, "REVISION_ID");
        add(header, 0x09, 3, "CLASS_CODE");
        add(header, 0x0c, 1, "CACHE_LINE_SIZE");
        add(header, 0x0d, 1, "LATENCY_TIMER");
        add(header, 0x0e, 1, "HEADER_TYPE");
        add(header, 0x0f, 1, "BIST");
        for (int bar = 0; bar < 6; bar++) {
            add(header, 0x10 + 4 * bar, 4, "BAR" + bar);
        }
        add(header, 0x28, 4, "CARDBUS_CIS");
        add(header, 0x2c, 2, "SUBSYSTEM_VENDOR_ID");
        add(header, 0x2e, 2, "SUBSYSTEM_ID");
        add(header, 0x30, 4, "ROM_BASE");
        add(header, 0x34, 1, "CAPABILITIES");
        add(header, 0x3c, 1, "INTERRUPT_LINE");
        add(header, 0x3d, 1, "INTERRUPT_PIN");
        return List.copyOf(header);
    }

    private static void add(List<Register> header, int offset, int width, String name) {
        header.add(new Register(offset, width, name, Access.READ_WRITE));
    }
}
