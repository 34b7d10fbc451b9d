package io.vfiouser.cli.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Capabilities, decoded.
public final class CapabilityText {
    private static final String INDENT = "    ";
    private static final int VENDOR_BYTES_SHOWN = 16;

    private static final Map<Integer, String> NAMES =
            Map.ofEntries(
                    Map.entry(0x02, "AGP"),
                    Map.entry(0x03, "Vital Product Data"),
                    Map.entry(0x04, "Slot ID"),
                    Map.entry(0x06, "CompactPCI hot-swap"),
                    Map.entry(0x07, "PCI-X"),
                    Map.entry(0x08, "HyperTransport"),
                    Map.entry(0x0a, "Debug port"),
                    Map.entry(0x0c, "Hot-plug capable"),
                    Map.entry(0x0d, "Subsystem"),
                    Map.entry(0x12, "SATA HBA"),
                    Map.entry(0x13, "PCI Advanced Features"),
                    Map.entry(0x14, "Enhanced Allocation"));

    private static final Map<Integer, String> EXTENDED_NAMES =
            Map.ofEntries(
                    Map.entry(0x01, "Advanced Error Reporting"),
                    Map.entry(0x02, "Virtual Channel"),
                    Map.entry(0x03, "Device Serial Number"),
                    Map.entry(0x04, "Power Budgeting"),
                    Map.entry(0x0b, "Vendor Specific Information"),
                    Map.entry(0x0d, "Access Control Services"),
                    Map.entry(0x0e, "Alternative Routing-ID Interpretation (ARI)"),
                    Map.entry(0x0f, "Address Translation Service (ATS)"),
                    Map.entry(0x10, "Single Root I/O Virtualization (SR-IOV)"),
                    Map.entry(0x13, "Page Request Interface (PRI)"),
                    Map.entry(0x15, "Resizable BAR"),
                    Map.entry(0x16, "Dynamic Power Allocation"),
                    Map.entry(0x17, "TPH Requester"),
                    Map.entry(0x18, "Latency Tolerance Reporting"),
                    Map.entry(0x19, "Secondary PCI Express"),
                    Map.entry(0x1b, "Process Address Space ID (PASID)"),
                    Map.entry(0x1e, "L1 PM Substates"),
                    Map.entry(0x23, "Designated Vendor-Specific"));

    private final ConfigImage config;
    private final List<String> lines = new ArrayList<>();

    private CapabilityText(ConfigImage config) {
        this.config = config;
    }

    /// All capabilities, in list order, details indented. The last line tells where a list is
    /// damaged.
    public static List<String> lines(ConfigImage config) {
        var text = new CapabilityText(config);
        CapabilityList list = CapabilityList.of(config);
        list.entries().forEach(text::add);
        list.damage().ifPresent(damage -> text.lines.add("Capabilities: " + damage));
        return text.lines;
    }

    private void add(Capability capability) {
        int at = capability.offset();
        if (capability.extended()) {
            addExtended(capability);
            return;
        }
        switch (capability.id()) {
            case 0x01 -> addPowerManagement(at);
            case 0x05 -> addMsi(at);
            case 0x09 -> addVendor(at);
            case 0x10 -> addExpress(at);
            case 0x11 -> addMsix(at);
            default -> title(at, NAMES.getOrDefault(capability.id(), unknown(capability)));
        }
    }

    private void addPowerManagement(int at) {
        title(at, "Power Management version " + (config.u16(at + 2) & 7));
        detail(
                "Flags: "
                        + Flag.row(config, at + 2, 3, "PMEClk", "", "DSI")
                        + " "
                        + Flag.row(config, at + 2, 9, "D1", "D2")
                        + " PME("
                        + Flag.row(config, at + 2, 11, "D0", "D1", "D2", "D3hot", "D3cold")
                        + ")");
        detail(
                "Status: D%d %s %s"
                        .formatted(
                                config.u8(at + 4) & 3,
                                Flag.row(config, at + 4, 3, "NoSoftRst"),
                                Flag.row(config, at + 4, 8, "PME-Enable")));
    }

    private void addMsi(int at) {
        int control = config.u16(at + 2);
        boolean wide = (control & 0x80) != 0;
        boolean masking = (control & 0x100) != 0;
        title(
                at,
                "MSI: %s Count=%d/%d %s %s"
                        .formatted(
                                Flag.of("Enable", (control & 1) != 0),
                                1 << (control >> 4 & 7),
                                1 << (control >> 1 & 7),
                                Flag.of("Maskable", masking),
                                Flag.of("64bit", wide)));
        int data = at + (wide ? 12 : 8);
        String high = wide ? "%08x".formatted(config.u32(at + 8)) : "";
        detail("Address: %s%08x  Data: %04x".formatted(high, config.u32(at + 4), config.u16(data)));
        if (masking) {
            detail(
                    "Masking: %08x  Pending: %08x"
                            .formatted(config.u32(data + 4), config.u32(data + 8)));
        }
    }

    private void addMsix(int at) {
        int control = config.u16(at + 2);
        title(
                at,
                "MSI-X: %s Count=%d %s"
                        .formatted(
                                Flag.of("Enable", (control & 0x8000) != 0),
                                (control & 0x7ff) + 1,
                                Flag.of("Masked", (control & 0x4000) != 0)));
        detail("Vector table: " + place(config.u32(at + 4)));
        detail("PBA: " + place(config.u32(at + 8)));
    }

    private static String place(long register) {
        return "BAR=%d offset=%08x".formatted(register & 7, register & ~7L);
    }

    private void addExpress(int at) {
        int flags = config.u16(at + 2);
        String type =
                switch (flags >> 4 & 0xf) {
                    case 0 -> "Endpoint";
                    case 1 -> "Legacy Endpoint";
                    case 4 -> "Root Port";
                    case 5 -> "Upstream Port";
                    case 6 -> "Downstream Port";
                    case 9 -> "Root Complex Integrated Endpoint";
                    case 10 -> "Root Complex Event Collector";
                    default -> "type %x".formatted(flags >> 4 & 0xf);
                };
        title(at, "Express (v%d) %s, MSI %02x".formatted(flags & 0xf, type, flags >> 9 & 0x1f));
        detail(
                "DevCap: MaxPayload %d bytes, %s %s %s"
                        .formatted(
                                128 << (config.u8(at + 4) & 7),
                                Flag.row(config, at + 4, 5, "ExtTag"),
                                Flag.row(config, at + 4, 15, "RBE"),
                                Flag.row(config, at + 4, 28, "FLReset")));
        int control = config.u16(at + 8);
        detail(
                "DevCtl: %s, MaxPayload %d bytes, MaxReadReq %d bytes"
                        .formatted(
                                Flag.row(
                                        config,
                                        at + 8,
                                        0,
                                        "CorrErr",
                                        "NonFatalErr",
                                        "FatalErr",
                                        "UnsupReq"),
                                128 << (control >> 5 & 7),
                                128 << (control >> 12 & 7)));
        detail(
                "DevSta: "
                        + Flag.row(
                                config,
                                at + 10,
                                0,
                                "CorrErr",
                                "NonFatalErr",
                                "FatalErr",
                                "UnsupReq",
                                "AuxPwr",
                                "TransPend"));
    }

    private void addVendor(int at) {
        int size = config.u8(at + 2);
        title(at, "Vendor Specific Information: Len=%02x".formatted(size));
        int shown = Math.min(size - 3, VENDOR_BYTES_SHOWN);
        if (shown > 0) {
            String bytes =
                    IntStream.range(at + 3, at + 3 + shown)
                            .mapToObj(i -> "%02x".formatted(config.u8(i)))
                            .collect(Collectors.joining(" "));
            detail("Data: " + bytes + (shown < size - 3 ? " ..." : ""));
        }
    }

    private void addExtended(Capability capability) {
        int at = capability.offset();
        String name = EXTENDED_NAMES.getOrDefault(capability.id(), unknown(capability));
        lines.add("Capabilities: [%03x v%d] %s".formatted(at, capability.version(), name));
        ExtendedText.details(config, capability).forEach(this::detail);
    }

    private static String unknown(Capability capability) {
        return "id 0x%02x".formatted(capability.id());
    }

    private void title(int at, String text) {
        lines.add("Capabilities: [%02x] %s".formatted(at, text));
    }

    private void detail(String text) {
        lines.add(INDENT + text);
    }
}
