package io.vfiouser.protocol;

/// A reply that says only "done": the header without a payload.
///
/// The proper answer to `DMA_MAP`, `DEVICE_SET_IRQS`, `DEVICE_RESET` and `MIG_DATA_WRITE`. Some
/// peers also answer other commands so: the reference server a region access of 0 bytes, and a
/// `DMA_UNMAP` if its device uses no client memory; QEMU 10.1 a `DMA_WRITE`.
public enum EmptyReply implements ServerReply, ClientReply {
    /// The only one.
    INSTANCE
}
