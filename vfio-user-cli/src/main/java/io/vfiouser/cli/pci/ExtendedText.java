package io.vfiouser.cli.pci;

import java.util.List;

/// What is in an extended capability, a line for each group of registers.
final class ExtendedText {
    private static final String[] UNCORRECTABLE = {
        "DLP",
        "SDES",
        "",
        "",
        "",
        "",
        "",
        "",
        "TLP",
        "FCP",
        "CmpltTO",
        "CmpltAbrt",
        "UnxCmplt",
        "RxOF",
        "MalfTLP",
        "ECRC",
        "UnsupReq",
        "ACSViol",
        "UncorrIntErr"
    };
    private static final int FIRST_UNCORRECTABLE = 4;
    private static final String[] CORRECTABLE = {
        "RxErr",
        "",
        "",
        "",
        "",
        "",
        "BadTLP",
        "BadDLLP",
        "Rollover",
        "",
        "",
        "",
        "Timeout",
        "AdvNonFatalErr",
        "CorrIntErr"
    };

    private ExtendedText() {}

    static List<String> details(ConfigImage config, Capability capability) {
        int at = capability.offset();
        return switch (capability.id()) {
            case 0x01 ->
                    List.of(
                            "UESta: " + uncorrectable(config, at + 0x04),
                            "UEMsk: " + uncorrectable(config, at + 0x08),
                            "UESvrt: " + uncorrectable(config, at + 0x0c),
                            "CESta: " + Flag.row(config, at + 0x10, 0, CORRECTABLE),
                            "CEMsk: " + Flag.row(config, at + 0x14, 0, CORRECTABLE));
            case 0x03 ->
                    List.of("Serial: %08x%08x".formatted(config.u32(at + 8), config.u32(at + 4)));
            case 0x0b -> {
                long header = config.u32(at + 4);
                yield List.of(
                        "ID=%04x Rev=%d Len=%03x"
                                .formatted(header & 0xffff, header >> 16 & 0xf, header >> 20));
            }
            default -> List.of();
        };
    }

    private static String uncorrectable(ConfigImage config, int register) {
        return Flag.row(config, register, FIRST_UNCORRECTABLE, UNCORRECTABLE);
    }
}
