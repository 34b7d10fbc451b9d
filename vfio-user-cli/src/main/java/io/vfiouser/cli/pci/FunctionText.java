package io.vfiouser.cli.pci;

import java.util.ArrayList;
import java.util.List;

/// The header of a function, in the words of `lspci -vv`.
public final class FunctionText {
    private static final int VENDOR = 0x00;
    private static final int DEVICE = 0x02;
    private static final int COMMAND = 0x04;
    private static final int STATUS = 0x06;
    private static final int REVISION = 0x08;
    private static final int PROGRAMMING_INTERFACE = 0x09;
    private static final int CLASS = 0x0a;
    private static final int LATENCY_TIMER = 0x0d;
    private static final int HEADER_TYPE = 0x0e;
    private static final int SUBSYSTEM_VENDOR = 0x2c;
    private static final int SUBSYSTEM = 0x2e;
    private static final int INTERRUPT_LINE = 0x3c;
    private static final int INTERRUPT_PIN = 0x3d;

    private FunctionText() {}

    /// Class, ids, revision and programming interface in a line.
    public static String title(ConfigImage config) {
        int pciClass = config.u16(CLASS);
        return "%s [%04x]: Device [%04x:%04x] (rev %02x) (prog-if %02x)"
                .formatted(
                        PciClassNames.name(pciClass),
                        pciClass,
                        config.u16(VENDOR),
                        config.u16(DEVICE),
                        config.u8(REVISION),
                        config.u8(PROGRAMMING_INTERFACE));
    }

    /// The rest of the header, without BARs and capabilities, a line each.
    public static List<String> header(ConfigImage config) {
        List<String> lines = new ArrayList<>();
        lines.add(
                "Subsystem: Device [%04x:%04x]"
                        .formatted(config.u16(SUBSYSTEM_VENDOR), config.u16(SUBSYSTEM)));
        if ((config.u8(HEADER_TYPE) & 0x7f) != 0) {
            lines.add("Header type: %02x".formatted(config.u8(HEADER_TYPE)));
        }
        lines.add(
                "Control: "
                        + Flag.row(
                                config,
                                COMMAND,
                                0,
                                "I/O",
                                "Mem",
                                "BusMaster",
                                "SpecCycle",
                                "MemWINV",
                                "VGASnoop",
                                "ParErr",
                                "Stepping",
                                "SERR",
                                "FastB2B",
                                "DisINTx"));
        lines.add("Status: " + status(config));
        lines.add("Latency: " + config.u8(LATENCY_TIMER));
        int pin = config.u8(INTERRUPT_PIN);
        if (pin != 0) {
            lines.add(
                    "Interrupt: pin %s routed to IRQ %d"
                            .formatted(pinName(pin), config.u8(INTERRUPT_LINE)));
        }
        return lines;
    }

    private static String status(ConfigImage config) {
        String[] speeds = {"fast", "medium", "slow", "reserved"};
        return Flag.row(config, STATUS, 4, "Cap", "66MHz", "UDF", "FastB2B", "ParErr")
                + " DEVSEL="
                + speeds[config.u16(STATUS) >> 9 & 3]
                + " "
                + Flag.row(config, STATUS, 11, ">TAbort", "<TAbort", "<MAbort", ">SERR", "<PERR")
                + " "
                + Flag.row(config, STATUS, 3, "INTx");
    }

    private static String pinName(int pin) {
        return pin <= 4 ? String.valueOf((char) ('A' + pin - 1)) : "0x%02x".formatted(pin);
    }
}
