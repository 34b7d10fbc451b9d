package io.vfiouser.devices.nvme.spec;

/// Offsets in BAR0 (NVMe 1.4: "Register Definition").
public final class RegisterOffset {
    public static final int CAP = 0x00;
    public static final int VS = 0x08;
    public static final int INTMS = 0x0c;
    public static final int INTMC = 0x10;
    public static final int CC = 0x14;
    public static final int CSTS = 0x1c;
    public static final int NSSR = 0x20;
    public static final int AQA = 0x24;
    public static final int ASQ = 0x28;
    public static final int ACQ = 0x30;

    /// Submission queue 0 tail doorbell; each further doorbell is 4 bytes on.
    public static final int DOORBELLS = 0x1000;

    private RegisterOffset() {}
}
