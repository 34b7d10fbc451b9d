package io.vfiouser.client.memory;

/// How a client lays out what belongs to `DMA_READ` and `DMA_WRITE` (spec: "VFIO_USER_DMA_READ").
public enum DmaDialect {
    /// A count of 8 bytes, as the specification says.
    WIDE,
    /// What QEMU 10.1 to 11.1 do: a count of 4 bytes, right behind it the data, and 4 bytes without
    /// meaning at the end; a `DMA_WRITE` is answered by a header only. A `DMA_WRITE` in the other
    /// layout loses its last 4 bytes here and gets 4 zero bytes at its beginning.
    NARROW,
    /// The layout of the legacy dialect: a count of 4 bytes in both directions, and no command in
    /// replies.
    LEGACY
}
