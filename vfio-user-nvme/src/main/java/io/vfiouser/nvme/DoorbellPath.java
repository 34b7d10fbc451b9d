package io.vfiouser.nvme;

/// How doorbells get to the controller.
public enum DoorbellPath {
    /// Through the mapping if BAR0 is mappable from 0x1000 on, else by messages.
    ANY,
    /// Through the mapping; a server without one is refused.
    MAPPED,
    /// By REGION_WRITE without a reply, even if there is a mapping.
    POSTED
}
