package io.vfiouser.client.memory;

/// How a client lays out what belongs to `DMA_READ` and `DMA_WRITE` (spec: "VFIO_USER_DMA_READ").
public enum DmaDialect {
    /// A count of 8 bytes, as the specification says.
    WIDE,
    /// What QEMU 10.1 does: a count of 4 bytes, so that the data of a `DMA_READ` reply start 4
    /// bytes early, the first 4 data bytes of a `DMA_WRITE` are lost and 4 zero bytes are written
    /// instead, and a `DMA_WRITE` is answered by a header only.
    NARROW
}
