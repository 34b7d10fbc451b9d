package io.vfiouser.devices.nvme.io;

import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.nvme.spec.Status;

/// What the storage's answers mean to the host.
public final class Outcome {
    private Outcome() {}

    /// The status of a command.
    ///
    /// @param write whether it was to change what is stored
    /// @return a [Status]
    public static int of(BlockStatus status, boolean write) {
        return switch (status) {
            case OK -> Status.SUCCESS;
            case IO_ERROR, MEDIA_ERROR, TIMED_OUT ->
                    write ? Status.WRITE_FAULT : Status.UNRECOVERED_READ_ERROR;
            case NO_SPACE -> Status.CAPACITY_EXCEEDED;
            case READ_ONLY -> Status.NAMESPACE_WRITE_PROTECTED;
            case OUT_OF_RANGE -> Status.LBA_OUT_OF_RANGE;
            case MISALIGNED -> Status.INVALID_FIELD;
            case MEMORY_FAULT -> Status.DATA_TRANSFER_ERROR;
            case UNSUPPORTED -> Status.INVALID_OPCODE;
            case CANCELLED -> Status.INTERNAL_ERROR;
        };
    }

    /// Whether the medium is to blame.
    static boolean isMediaError(BlockStatus status) {
        return status == BlockStatus.IO_ERROR
                || status == BlockStatus.MEDIA_ERROR
                || status == BlockStatus.TIMED_OUT;
    }
}
