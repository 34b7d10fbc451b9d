package io.vfiouser.trace.capture;

/// Numbers of the pcapng format and of the header that stands before each message in a capture
/// (`docs/trace.md`). All little-endian.
final class PacketFormat {
    static final int SECTION_BLOCK = 0x0a0d_0d0a;
    static final int INTERFACE_BLOCK = 1;
    static final int STATISTICS_BLOCK = 5;
    static final int PACKET_BLOCK = 6;
    static final int BYTE_ORDER_MAGIC = 0x1a2b_3c4d;

    /// Type, length, and the length again at the end.
    static final int BLOCK_OVERHEAD = 12;

    /// Interface, time in two halves, captured and original length.
    static final int PACKET_FIXED = 20;

    /// DLT_USER0: there is no number of its own for vfio-user.
    static final int LINK_TYPE = 147;

    static final int OPTION_END = 0;
    static final int OPTION_NAME = 2;
    static final int OPTION_TIME_RESOLUTION = 9;
    static final int OPTION_USER_APPLICATION = 4;
    static final int OPTION_PACKET_FLAGS = 2;
    static final int OPTION_DROPPED = 5;

    /// Times are in nanoseconds.
    static final int NANOSECONDS = 9;

    /// `vfu1`.
    static final int MAGIC = 0x3175_6676;

    /// Bytes of our header, without descriptors.
    static final int HEADER_SIZE = 16;

    static final int DESCRIPTOR_SIZE = 16;
    static final int TO_DEVICE = 0;
    static final int FROM_DEVICE = 1;
    static final int FLAG_TWIN = 1;
    static final int FLAG_LEGACY = 2;
    static final int MAX_DESCRIPTORS = 253;

    /// Bytes of the largest block that is read: the largest message that a proxy lets through (16
    /// MiB) with its descriptors and all that stands around it.
    static final int MAX_BLOCK = (16 << 20) + (64 << 10);

    private PacketFormat() {}

    /// What a packet holds behind our header, by its number.
    enum Kind {
        /// The message as it was on the socket.
        MESSAGE,
        /// DMA address (u64), then the contents.
        MEMORY,
        /// Type (u32) and vector (u32).
        INTERRUPT,
        /// Lines of text, see [RegisterText].
        REGISTERS,
        /// The reason, as text.
        SESSION_END
    }
}
