package io.vfiouser.protocol;

/// Every constant of the wire format: sizes, offsets, flag bits and the defaults of negotiation.
///
/// All fields are little-endian and packed. Offsets of the header (`HEADER_..._AT`) count from the
/// first byte of a message, all others from the first byte after the header. The constants follow
/// the text "vfio-user Protocol Specification" as it stands in QEMU 10.1
/// (`docs/interop/vfio-user.rst`), with the access modes of `VFIO_USER_DMA_MAP` that were added in
/// June 2026, and keep the 48-byte descriptor entries that servers send.
public final class WireFormat {
    /// Major version of the protocol; both sides must have the same.
    public static final int MAJOR_VERSION = 0;

    /// Highest minor version this code speaks; a session uses the lower of both sides.
    public static final int MINOR_VERSION = 2;

    /// Size of the header in bytes, and so the smallest message.
    public static final int HEADER_SIZE = 16;

    /// Offset of the message id (u16).
    public static final int HEADER_MESSAGE_ID_AT = 0;

    /// Offset of the command number (u16).
    public static final int HEADER_COMMAND_AT = 2;

    /// Offset of the size of the whole message in bytes, header included (u32).
    public static final int HEADER_MESSAGE_SIZE_AT = 4;

    /// Offset of the header flags (u32).
    public static final int HEADER_FLAGS_AT = 8;

    /// Offset of the errno of an error reply (u32).
    public static final int HEADER_ERROR_AT = 12;

    /// Bits of the header flags that hold the message type.
    public static final int TYPE_MASK = 0xf;

    /// Message type: a command.
    public static final int TYPE_COMMAND = 0;

    /// Message type: a reply.
    public static final int TYPE_REPLY = 1;

    /// Header flag of a command that wants no reply, not even an error.
    public static final int FLAG_NO_REPLY = 0x10;

    /// Header flag of a reply whose error field counts.
    public static final int FLAG_ERROR = 0x20;

    /// Default of `max_msg_fds`: descriptors a side takes in one message.
    public static final int DEFAULT_MAX_MSG_FDS = 1;

    /// Default of `max_data_xfer_size`: data bytes of one transfer.
    public static final int DEFAULT_MAX_DATA_XFER_SIZE = 1 << 20;

    /// Default of `max_dma_maps`: DMA regions valid at one time.
    public static final int DEFAULT_MAX_DMA_MAPS = 65_535;

    /// Default of `pgsizes` and of `migration.pgsize`, in bytes.
    public static final long DEFAULT_PAGE_SIZE = 4096;

    /// Default of `migration.max_bitmap_size`: bytes of the largest dirty bitmap.
    public static final long DEFAULT_MAX_BITMAP_SIZE = 256L << 20;

    /// Bytes of a message around its data in the largest layouts (header and 16 fixed bytes).
    public static final int DATA_OVERHEAD = HEADER_SIZE + 16;

    /// Descriptors the kernel passes in one control message at most (`SCM_MAX_FD`).
    public static final int KERNEL_MAX_MSG_FDS = 253;

    /// `VERSION`: size of major and minor; text and a NUL byte follow.
    public static final int VERSION_SIZE = 4;

    /// `VERSION`: offset of the minor version (u16).
    public static final int VERSION_MINOR_AT = 2;

    /// Longest JSON text, NUL included, of a `VERSION` reply that QEMU 10.1 takes with any of its
    /// own requests.
    public static final int VERSION_REPLY_TEXT_LIMIT = 170;

    /// Offset of `argsz` (u32) in every payload that has one.
    public static final int ARGSZ_AT = 0;

    /// Offset of the flags (u32) in every payload that starts with `argsz` and flags.
    public static final int FLAGS_AT = 4;

    /// `DMA_MAP`: size of the payload.
    public static final int DMA_MAP_SIZE = 32;

    /// `DMA_MAP`: offset of the position in the file behind the descriptor (u64).
    public static final int DMA_MAP_OFFSET_AT = 8;

    /// `DMA_MAP`: offset of the DMA address (u64).
    public static final int DMA_MAP_ADDRESS_AT = 16;

    /// `DMA_MAP`: offset of the size in bytes (u64).
    public static final int DMA_MAP_SIZE_AT = 24;

    /// `DMA_UNMAP`: size of the payload without a dirty bitmap.
    public static final int DMA_UNMAP_SIZE = 24;

    /// `DMA_UNMAP`: size of the payload with the header of a dirty bitmap.
    public static final int DMA_UNMAP_BITMAP_SIZE = 40;

    /// `DMA_UNMAP`: offset of the DMA address (u64).
    public static final int DMA_UNMAP_ADDRESS_AT = 8;

    /// `DMA_UNMAP`: offset of the size in bytes (u64).
    public static final int DMA_UNMAP_SIZE_AT = 16;

    /// `DMA_UNMAP`: offset of the page size of the dirty bitmap (u64).
    public static final int DMA_UNMAP_BITMAP_PAGE_SIZE_AT = 24;

    /// `DMA_UNMAP`: offset of the byte count of the dirty bitmap (u64).
    public static final int DMA_UNMAP_BITMAP_BYTES_AT = 32;

    /// `DMA_READ`, `DMA_WRITE`: size of the fixed part; data may follow.
    public static final int DMA_ACCESS_SIZE = 16;

    /// `DMA_READ`, `DMA_WRITE`: offset of the DMA address (u64).
    public static final int DMA_ACCESS_ADDRESS_AT = 0;

    /// `DMA_READ`, `DMA_WRITE`: offset of the byte count (u64; u32 in the narrow dialect).
    public static final int DMA_ACCESS_COUNT_AT = 8;

    /// `DMA_WRITE`: size of a reply whose count has 4 bytes, as an older text printed it.
    public static final int DMA_WRITE_NARROW_REPLY_SIZE = 12;

    /// `DEVICE_GET_INFO`: size of the payload.
    public static final int DEVICE_INFO_SIZE = 16;

    /// `DEVICE_GET_INFO`: offset of the number of regions (u32).
    public static final int DEVICE_INFO_REGIONS_AT = 8;

    /// `DEVICE_GET_INFO`: offset of the number of interrupt types (u32).
    public static final int DEVICE_INFO_IRQS_AT = 12;

    /// `DEVICE_GET_REGION_INFO`: size of the fixed part; capabilities may follow.
    public static final int REGION_INFO_SIZE = 32;

    /// `DEVICE_GET_REGION_INFO`: offset of the region index (u32).
    public static final int REGION_INFO_INDEX_AT = 8;

    /// `DEVICE_GET_REGION_INFO`: offset of the place of the first capability (u32).
    public static final int REGION_INFO_CAPABILITIES_AT = 12;

    /// `DEVICE_GET_REGION_INFO`: offset of the region size (u64).
    public static final int REGION_INFO_SIZE_AT = 16;

    /// `DEVICE_GET_REGION_INFO`: offset of the base for `mmap` of the descriptor (u64).
    public static final int REGION_INFO_OFFSET_AT = 24;

    /// Size of the header of one region capability: id (u16), version (u16), next (u32).
    public static final int CAPABILITY_HEADER_SIZE = 8;

    /// Offset of the version (u16) in a region capability.
    public static final int CAPABILITY_VERSION_AT = 2;

    /// Offset of the place of the next capability (u32) in a region capability.
    public static final int CAPABILITY_NEXT_AT = 4;

    /// Offset of the first field after the header of a region capability.
    public static final int CAPABILITY_BODY_AT = 8;

    /// Region capability id: areas that the client may map.
    public static final int CAPABILITY_SPARSE_MMAP = 1;

    /// Region capability id: type and subtype of a region.
    public static final int CAPABILITY_TYPE = 2;

    /// Size of a sparse mmap capability without its areas.
    public static final int SPARSE_MMAP_SIZE = 16;

    /// Size of one area of a sparse mmap capability: offset (u64), size (u64).
    public static final int SPARSE_MMAP_AREA_SIZE = 16;

    /// Size of a region type capability.
    public static final int TYPE_CAPABILITY_SIZE = 16;

    /// `DEVICE_GET_REGION_IO_FDS`: size of the fixed part; entries may follow.
    public static final int REGION_IO_FDS_SIZE = 16;

    /// `DEVICE_GET_REGION_IO_FDS`: offset of the region index (u32).
    public static final int REGION_IO_FDS_INDEX_AT = 8;

    /// `DEVICE_GET_REGION_IO_FDS`: offset of the number of entries (u32).
    public static final int REGION_IO_FDS_COUNT_AT = 12;

    /// `DEVICE_GET_REGION_IO_FDS`: size of one entry as servers send it.
    public static final int SUB_REGION_SIZE = 48;

    /// `DEVICE_GET_REGION_IO_FDS`: size of one entry in the written specification.
    public static final int SUB_REGION_SPEC_SIZE = 40;

    /// `DEVICE_GET_REGION_IO_FDS`: size of one entry without a value to match.
    public static final int SUB_REGION_SHORT_SIZE = 32;

    /// `DEVICE_GET_IRQ_INFO`: size of the payload.
    public static final int IRQ_INFO_SIZE = 16;

    /// `DEVICE_GET_IRQ_INFO`: offset of the interrupt type (u32).
    public static final int IRQ_INFO_INDEX_AT = 8;

    /// `DEVICE_GET_IRQ_INFO`: offset of the number of vectors (u32).
    public static final int IRQ_INFO_COUNT_AT = 12;

    /// `DEVICE_SET_IRQS`: size of the fixed part; one byte per vector may follow.
    public static final int SET_IRQS_SIZE = 20;

    /// `DEVICE_SET_IRQS`: offset of the interrupt type (u32).
    public static final int SET_IRQS_INDEX_AT = 8;

    /// `DEVICE_SET_IRQS`: offset of the first vector (u32).
    public static final int SET_IRQS_START_AT = 12;

    /// `DEVICE_SET_IRQS`: offset of the number of vectors (u32).
    public static final int SET_IRQS_COUNT_AT = 16;

    /// `DEVICE_SET_IRQS` flag: no data.
    public static final int IRQ_DATA_NONE = 1;

    /// `DEVICE_SET_IRQS` flag: one byte per vector.
    public static final int IRQ_DATA_BOOL = 2;

    /// `DEVICE_SET_IRQS` flag: one eventfd per vector.
    public static final int IRQ_DATA_EVENTFD = 4;

    /// `DEVICE_SET_IRQS` flag: mask the vectors.
    public static final int IRQ_ACTION_MASK = 8;

    /// `DEVICE_SET_IRQS` flag: unmask the vectors.
    public static final int IRQ_ACTION_UNMASK = 0x10;

    /// `DEVICE_SET_IRQS` flag: trigger the vectors, or say what triggers them.
    public static final int IRQ_ACTION_TRIGGER = 0x20;

    /// `REGION_READ`, `REGION_WRITE`: size of the fixed part; data may follow.
    public static final int REGION_ACCESS_SIZE = 16;

    /// `REGION_READ`, `REGION_WRITE`: offset of the position in the region (u64).
    public static final int REGION_ACCESS_OFFSET_AT = 0;

    /// `REGION_READ`, `REGION_WRITE`: offset of the region index (u32).
    public static final int REGION_ACCESS_REGION_AT = 8;

    /// `REGION_READ`, `REGION_WRITE`: offset of the byte count (u32).
    public static final int REGION_ACCESS_COUNT_AT = 12;

    /// `REGION_WRITE_MULTI`: size of the number of writes (u64) at the start.
    public static final int WRITE_MULTI_SIZE = 8;

    /// `REGION_WRITE_MULTI`: size of one write.
    public static final int WRITE_MULTI_ENTRY_SIZE = 24;

    /// `REGION_WRITE_MULTI`: offset of the data (8 bytes) in one write.
    public static final int WRITE_MULTI_DATA_AT = 16;

    /// `REGION_WRITE_MULTI`: bytes one write can carry.
    public static final int WRITE_MULTI_MAX_COUNT = 8;

    /// `DEVICE_FEATURE`: size of the fixed part; data may follow.
    public static final int FEATURE_SIZE = 8;

    /// `DEVICE_FEATURE`: bits of the flags that hold the feature number.
    public static final int FEATURE_NUMBER_MASK = 0xffff;

    /// `DEVICE_FEATURE` flag: read the feature.
    public static final int FEATURE_GET = 0x1_0000;

    /// `DEVICE_FEATURE` flag: write the feature.
    public static final int FEATURE_SET = 0x2_0000;

    /// `DEVICE_FEATURE` flag: only ask whether the operations are there.
    public static final int FEATURE_PROBE = 0x4_0000;

    /// Feature number: what kinds of migration the device can do.
    public static final int FEATURE_MIGRATION = 1;

    /// Feature number: the migration state.
    public static final int FEATURE_MIG_DEVICE_STATE = 2;

    /// Feature number: start to log which pages the device writes.
    public static final int FEATURE_DMA_LOGGING_START = 6;

    /// Feature number: stop to log.
    public static final int FEATURE_DMA_LOGGING_STOP = 7;

    /// Feature number: which pages were written.
    public static final int FEATURE_DMA_LOGGING_REPORT = 8;

    /// `MIGRATION` feature: size of the data, a u64 of flags.
    public static final int FEATURE_MIGRATION_SIZE = 8;

    /// `MIG_DEVICE_STATE` feature: size of the data, state (u32) and descriptor (u32).
    public static final int FEATURE_STATE_SIZE = 8;

    /// `DMA_LOGGING_START` feature: size of the data without ranges.
    public static final int FEATURE_LOGGING_SIZE = 16;

    /// `DMA_LOGGING_START` feature: size of one range, iova (u64) and length (u64).
    public static final int FEATURE_LOGGING_RANGE_SIZE = 16;

    /// `DMA_LOGGING_REPORT` feature: size of the data without the bitmap.
    public static final int FEATURE_REPORT_SIZE = 24;

    /// `MIG_DATA_READ`, `MIG_DATA_WRITE`: size of the fixed part; data may follow.
    public static final int MIG_DATA_SIZE = 8;

    /// `MIG_DATA_READ`, `MIG_DATA_WRITE`: offset of the byte count (u32).
    public static final int MIG_DATA_COUNT_AT = 4;

    private WireFormat() {}
}
