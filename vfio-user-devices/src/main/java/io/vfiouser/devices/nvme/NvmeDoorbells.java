package io.vfiouser.devices.nvme;

/// How doorbells get from the host to the device.
public enum NvmeDoorbells {
    /// As messages; a guest that takes shadow doorbells leaves most of them in its memory instead.
    TRAPPED,
    /// In a page that the client maps and the server polls while there is work.
    MAPPED
}
