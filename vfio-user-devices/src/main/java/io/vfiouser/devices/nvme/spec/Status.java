package io.vfiouser.devices.nvme.spec;

/// Status values of completion queue entries (NVMe 1.4: "Status Field Definition"): status code in
/// bits 7:0, status code type in bits 10:8, [#DO_NOT_RETRY] in bit 14. They are plain numbers, as
/// they travel with each command.
public final class Status {
    // Generic command status.
    public static final int SUCCESS = 0x000;
    public static final int INVALID_OPCODE = 0x001;
    public static final int INVALID_FIELD = 0x002;
    public static final int COMMAND_ID_CONFLICT = 0x003;
    public static final int DATA_TRANSFER_ERROR = 0x004;
    public static final int INTERNAL_ERROR = 0x006;
    public static final int ABORT_REQUESTED = 0x007;
    public static final int ABORTED_SQ_DELETION = 0x008;
    public static final int ABORTED_FAILED_FUSED = 0x009;
    public static final int ABORTED_MISSING_FUSED = 0x00a;
    public static final int INVALID_NAMESPACE = 0x00b;
    public static final int COMMAND_SEQUENCE_ERROR = 0x00c;
    public static final int INVALID_SGL_SEGMENT = 0x00d;
    public static final int INVALID_SGL_COUNT = 0x00e;
    public static final int DATA_SGL_LENGTH_INVALID = 0x00f;
    public static final int SGL_TYPE_INVALID = 0x011;
    public static final int INVALID_PRP_OFFSET = 0x013;
    public static final int NAMESPACE_WRITE_PROTECTED = 0x020;
    public static final int LBA_OUT_OF_RANGE = 0x080;
    public static final int CAPACITY_EXCEEDED = 0x081;
    public static final int NAMESPACE_NOT_READY = 0x082;
    public static final int FORMAT_IN_PROGRESS = 0x084;

    // Command specific status.
    public static final int COMPLETION_QUEUE_INVALID = 0x100;
    public static final int INVALID_QUEUE_ID = 0x101;
    public static final int INVALID_QUEUE_SIZE = 0x102;
    public static final int ABORT_LIMIT_EXCEEDED = 0x103;
    public static final int EVENT_REQUEST_LIMIT_EXCEEDED = 0x105;
    public static final int INVALID_INTERRUPT_VECTOR = 0x108;
    public static final int INVALID_LOG_PAGE = 0x109;
    public static final int INVALID_FORMAT = 0x10a;
    public static final int INVALID_QUEUE_DELETION = 0x10c;
    public static final int FEATURE_NOT_SAVEABLE = 0x10d;
    public static final int FEATURE_NOT_CHANGEABLE = 0x10e;
    public static final int FEATURE_NOT_NAMESPACE_SPECIFIC = 0x10f;

    // Media and data integrity errors.
    public static final int WRITE_FAULT = 0x280;
    public static final int UNRECOVERED_READ_ERROR = 0x281;
    public static final int COMPARE_FAILURE = 0x285;

    /// The same command would end the same way.
    public static final int DO_NOT_RETRY = 1 << 14;

    private Status() {}

    /// `status` with [#DO_NOT_RETRY] where another try would end the same.
    public static int withRetryAdvice(int status) {
        return switch (status) {
            case SUCCESS,
                    DATA_TRANSFER_ERROR,
                    INTERNAL_ERROR,
                    ABORT_REQUESTED,
                    ABORTED_SQ_DELETION,
                    ABORTED_FAILED_FUSED,
                    ABORTED_MISSING_FUSED,
                    NAMESPACE_NOT_READY,
                    FORMAT_IN_PROGRESS ->
                    status;
            default -> status | DO_NOT_RETRY;
        };
    }
}
