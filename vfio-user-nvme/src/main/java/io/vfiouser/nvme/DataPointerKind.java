package io.vfiouser.nvme;

/// How I/O commands name the memory of their data (NVMe 1.4: "Physical Region Page Entry and List",
/// "Scatter Gather List"). Admin commands always use PRPs.
public enum DataPointerKind {
    /// SGLs if Identify announces them, else PRPs, as SPDK.
    ANY,
    /// PRPs, with a list from the third page on.
    PRP,
    /// One SGL data block in the command.
    SGL
}
