package io.vfiouser.devices.nvme.spec;

/// What this controller supports, where the specification leaves it to the controller.
public final class Limits {
    /// Bytes of a submission queue entry.
    public static final int SQ_ENTRY_SIZE = 64;

    /// Bytes of a completion queue entry.
    public static final int CQ_ENTRY_SIZE = 16;

    /// Entries of the largest queue.
    public static final int QUEUE_ENTRIES = 4096;

    /// I/O queue pairs at most.
    public static final int IO_QUEUES = 64;

    /// Queues of each kind, the admin queue included.
    public static final int QUEUES = IO_QUEUES + 1;

    /// log2 of the smallest memory page.
    public static final int MIN_PAGE_SHIFT = 12;

    /// CAP.MPSMAX: pages of up to 64 KiB.
    public static final int MAX_PAGE_SIZE_POWER = 4;

    /// MDTS: log2 of the largest transfer in pages of 4 KiB.
    public static final int MAX_TRANSFER_POWER = 8;

    /// Bytes of the largest transfer.
    public static final int MAX_TRANSFER = 1 << (MIN_PAGE_SHIFT + MAX_TRANSFER_POWER);

    /// Asynchronous Event Requests that may wait at a time.
    public static final int EVENT_REQUESTS = 4;

    /// Entries that the error log keeps.
    public static final int ERROR_LOG_ENTRIES = 64;

    /// Namespaces at most.
    public static final int NAMESPACES = 256;

    /// The id that means all namespaces.
    public static final int BROADCAST_NAMESPACE = 0xffff_ffff;

    private Limits() {}
}
