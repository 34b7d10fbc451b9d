package io.vfiouser.protocol;

/// Which wire format two sides speak. It cannot be told from the first message, so both are set up
/// for the same one.
public enum Dialect {
    /// The protocol as the specification has it today.
    CURRENT,
    /// The protocol of February 2021, version 0.1: other command numbers, tables of regions in
    /// `DMA_MAP`, migration through a region. Its first library and those who built on it speak it.
    LEGACY
}
