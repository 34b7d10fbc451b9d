package io.vfiouser.device;

/// Why a device is reset.
public enum ResetReason {
    /// The client asked for it (spec: "VFIO_USER_DEVICE_RESET").
    DEVICE_RESET,
    /// The guest asked for a function level reset, through the PCI Express capability.
    FUNCTION_LEVEL_RESET,
    /// The client disconnected.
    CLIENT_GONE
}
