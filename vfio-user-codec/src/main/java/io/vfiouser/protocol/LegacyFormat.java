package io.vfiouser.protocol;

/// The constants of the legacy dialect, where they differ from those of [WireFormat].
///
/// Offsets count from the first byte after the header, those of registers from the start of the
/// migration region.
public final class LegacyFormat {
    /// Highest minor version of the dialect.
    public static final int MINOR_VERSION = 1;

    /// Number of regions: those of today and the migration region.
    public static final int REGION_COUNT = 10;

    /// Index of the migration region.
    public static final int MIGRATION_REGION = 9;

    /// Type of the migration region in its type capability.
    public static final int MIGRATION_TYPE = 3;

    /// Subtype of the migration region in its type capability.
    public static final int MIGRATION_SUBTYPE = 1;

    /// The offset of a region in the reply to `DEVICE_GET_REGION_INFO` is its index, shifted by so
    /// much. It says nothing about the descriptor, in which offsets are those in the region.
    public static final int REGION_OFFSET_SHIFT = 40;

    /// `DMA_MAP`, `DMA_UNMAP`: size of one region of the table.
    public static final int DMA_REGION_SIZE = 32;

    /// A region of the table: offset of its size (u64).
    public static final int DMA_REGION_SIZE_AT = 8;

    /// A region of the table: offset of its place in the file (u64).
    public static final int DMA_REGION_OFFSET_AT = 16;

    /// A region of the table: offset of its protection (u32), the bits of `mmap`.
    public static final int DMA_REGION_PROTECTION_AT = 24;

    /// A region of the table: offset of its flags (u32).
    public static final int DMA_REGION_FLAGS_AT = 28;

    /// Flag of a region of the table: a descriptor comes for it.
    public static final int DMA_REGION_MAPPABLE = 1;

    /// `DMA_READ`, `DMA_WRITE`: size of the fixed part, address (u64) and count (u32).
    public static final int DMA_ACCESS_SIZE = 12;

    /// `VM_INTERRUPT`: size of the payload, the vector (u32).
    public static final int VM_INTERRUPT_SIZE = 4;

    /// `DIRTY_PAGES`: size of the fixed part, argsz (u32) and flags (u32).
    public static final int DIRTY_PAGES_SIZE = 8;

    /// `DIRTY_PAGES` flag: log from now on.
    public static final int DIRTY_PAGES_START = 1;

    /// `DIRTY_PAGES` flag: log no more.
    public static final int DIRTY_PAGES_STOP = 2;

    /// `DIRTY_PAGES` flag: which pages are dirty.
    public static final int DIRTY_PAGES_GET_BITMAP = 4;

    /// `DIRTY_PAGES`: size of one range: iova, size, page size, bitmap bytes and an unused pointer,
    /// u64 each.
    public static final int DIRTY_RANGE_SIZE = 40;

    /// A range of `DIRTY_PAGES`: offset of its size (u64).
    public static final int DIRTY_RANGE_SIZE_AT = 8;

    /// A range of `DIRTY_PAGES`: offset of the page size (u64).
    public static final int DIRTY_RANGE_PAGE_SIZE_AT = 16;

    /// A range of `DIRTY_PAGES`: offset of the number of bytes of the bitmap (u64).
    public static final int DIRTY_RANGE_BITMAP_SIZE_AT = 24;

    /// Migration register: the state of the device (u32).
    public static final int DEVICE_STATE_AT = 0;

    /// Migration register that means nothing (u32).
    public static final int RESERVED_AT = 4;

    /// Migration register: bytes that are left to save (u64, read only).
    public static final int PENDING_BYTES_AT = 8;

    /// Migration register: where in the region the data are, or belong (u64, read only).
    public static final int DATA_OFFSET_AT = 16;

    /// Migration register: how many bytes of data there are (u64; written when resuming).
    public static final int DATA_SIZE_AT = 24;

    /// Bytes of the migration registers.
    public static final int MIGRATION_REGISTERS_SIZE = 32;

    private LegacyFormat() {}
}
