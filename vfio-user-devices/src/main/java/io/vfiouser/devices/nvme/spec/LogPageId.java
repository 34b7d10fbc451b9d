package io.vfiouser.devices.nvme.spec;

/// Log page identifiers (NVMe 1.4: "Get Log Page - Log Page Identifiers").
public final class LogPageId {
    public static final int ERROR_INFORMATION = 0x01;
    public static final int SMART = 0x02;
    public static final int FIRMWARE_SLOT = 0x03;
    public static final int CHANGED_NAMESPACES = 0x04;
    public static final int COMMANDS_SUPPORTED = 0x05;

    private LogPageId() {}
}
