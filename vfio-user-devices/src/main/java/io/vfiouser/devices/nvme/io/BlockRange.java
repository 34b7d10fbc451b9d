package io.vfiouser.devices.nvme.io;

import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.namespace.Namespace;
import io.vfiouser.devices.nvme.queue.SubmissionEntry;
import io.vfiouser.devices.nvme.spec.Status;

/// The range of logical blocks that most commands name in dwords 10 to 12 (NVMe 1.4: "Read
/// command").
final class BlockRange {
    private static final int COUNT_MASK = 0xffff;
    private static final int FORCE_UNIT_ACCESS = 1 << 30;

    private BlockRange() {}

    /// How many blocks.
    static int count(SubmissionEntry entry) {
        return (entry.cdw12() & COUNT_MASK) + 1;
    }

    /// Bytes of the range.
    static long length(Command command) {
        return (long) count(command.entry()) << command.namespace().blockShift();
    }

    /// Its first byte in the backend; only of a range that is right.
    static long offset(Command command) {
        return command.namespace().offset(command.entry().cdw10And11());
    }

    /// Whether the command asks for force unit access.
    static boolean isForced(SubmissionEntry entry) {
        return (entry.cdw12() & FORCE_UNIT_ACCESS) != 0;
    }

    /// What is wrong with the range.
    ///
    /// @param most bytes that it may have
    /// @return a [Status]
    static int check(Command command, long most) {
        Namespace namespace = command.namespace();
        SubmissionEntry entry = command.entry();
        if (length(command) > most) {
            return Status.INVALID_FIELD;
        }
        return namespace.has(entry.cdw10And11(), count(entry))
                ? Status.SUCCESS
                : Status.LBA_OUT_OF_RANGE;
    }
}
