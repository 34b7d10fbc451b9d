package io.vfiouser.server.pci;

/// Advanced error reporting of an endpoint without ECRC and TLP prefixes (PCI Express Base
/// Specification 3.0, section 7.10). All of it is sticky: a function-level reset changes nothing.
final class ErrorReportingRegisters {
    private static final int UNCORRECTABLE_STATUS = 0x04;
    private static final int UNCORRECTABLE_MASK = 0x08;
    private static final int UNCORRECTABLE_SEVERITY = 0x0c;
    private static final int CORRECTABLE_STATUS = 0x10;
    private static final int CORRECTABLE_MASK = 0x14;

    /// Data link protocol (4); poisoned TLP, flow control, completion timeout, completer abort,
    /// unexpected completion, receiver overflow, malformed TLP (12 to 18); unsupported request
    /// (20); internal (22).
    private static final int UNCORRECTABLE = 0x0057_f010;

    /// Internal errors.
    private static final int UNCORRECTABLE_MASK_DEFAULT = 0x0040_0000;

    /// Fatal: data link protocol, flow control, receiver overflow, malformed TLP, internal.
    private static final int UNCORRECTABLE_SEVERITY_DEFAULT = 0x0046_2010;

    /// Receiver error (0), bad TLP, bad DLLP, replay number rollover (6 to 8), replay timeout (12),
    /// advisory non-fatal (13), internal (14).
    private static final int CORRECTABLE = 0x0000_71c1;

    /// Advisory non-fatal, internal.
    private static final int CORRECTABLE_MASK_DEFAULT = 0x0000_6000;

    private ErrorReportingRegisters() {}

    /// Describes what follows the header.
    static RegisterImage describe(RegisterImage registers) {
        return registers
                .clearedByOne(UNCORRECTABLE_STATUS, 4, UNCORRECTABLE)
                .field(UNCORRECTABLE_MASK, 4, UNCORRECTABLE_MASK_DEFAULT, UNCORRECTABLE)
                .field(UNCORRECTABLE_SEVERITY, 4, UNCORRECTABLE_SEVERITY_DEFAULT, UNCORRECTABLE)
                .clearedByOne(CORRECTABLE_STATUS, 4, CORRECTABLE)
                .field(CORRECTABLE_MASK, 4, CORRECTABLE_MASK_DEFAULT, CORRECTABLE)
                .sticky(UNCORRECTABLE_STATUS, registers.size() - UNCORRECTABLE_STATUS);
    }
}
