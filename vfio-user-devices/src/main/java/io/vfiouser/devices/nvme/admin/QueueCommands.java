package io.vfiouser.devices.nvme.admin;

import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.queue.CompletionQueue;
import io.vfiouser.devices.nvme.queue.QueueTable;
import io.vfiouser.devices.nvme.queue.SubmissionEntry;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;
import io.vfiouser.devices.nvme.spec.Limits;
import io.vfiouser.devices.nvme.spec.Status;

/// Creates and deletes I/O queues (NVMe 1.4: "Create I/O Completion Queue command" and the three
/// after it).
final class QueueCommands {
    private static final int CONTIGUOUS = 1;
    private static final int INTERRUPTS = 1 << 1;

    private final AdminContext context;
    private final Engine engine;
    private final QueueTable queues;
    private final GuestWindows windows;

    QueueCommands(AdminContext context) {
        this.context = context;
        this.engine = context.engine();
        this.queues = context.queues();
        this.windows = context.windows();
    }

    void createCompletion(Command command) {
        SubmissionEntry entry = command.entry();
        int id = id(entry);
        int vector = entry.cdw11() >>> 16;
        int status = checkId(id, queues.completion(id) != null);
        if (status == Status.SUCCESS) {
            status = checkRing(entry, Limits.CQ_ENTRY_SIZE, true);
        }
        if (status == Status.SUCCESS && vector >= context.interrupts().count()) {
            status = Status.INVALID_INTERRUPT_VECTOR;
        }
        if (status == Status.SUCCESS) {
            boolean interrupts = (entry.cdw11() & INTERRUPTS) != 0;
            var queue =
                    new CompletionQueue(
                            windows, id, entry.prp1(), entries(entry), vector, interrupts);
            queues.add(queue);
            context.controller().created(queue);
        }
        engine.finish(command, status);
    }

    void createSubmission(Command command) {
        SubmissionEntry entry = command.entry();
        int id = id(entry);
        int completionId = entry.cdw11() >>> 16;
        CompletionQueue completions = queues.completion(completionId);
        int status = checkId(id, queues.submission(id) != null);
        if (status == Status.SUCCESS && !isIoQueue(completionId)) {
            status = Status.INVALID_QUEUE_ID;
        }
        if (status == Status.SUCCESS && completions == null) {
            status = Status.COMPLETION_QUEUE_INVALID;
        }
        if (status == Status.SUCCESS) {
            status = checkRing(entry, Limits.SQ_ENTRY_SIZE, false);
        }
        if (status == Status.SUCCESS && completions != null) {
            var queue = new SubmissionQueue(windows, id, entry.prp1(), entries(entry), completions);
            queues.add(queue);
            context.controller().created(queue);
        }
        engine.finish(command, status);
    }

    /// Commands of the queue that are at work are completed first. Until then its id is taken, and
    /// its completion queue in use.
    void deleteSubmission(Command command) {
        int id = id(command.entry());
        SubmissionQueue queue = queues.submission(id);
        if (queue == null || queue.isDeleted() || !isIoQueue(id)) {
            engine.finish(command, Status.INVALID_QUEUE_ID);
            return;
        }
        queue.delete();
        engine.whenEmpty(
                queue,
                () -> {
                    queues.remove(queue);
                    engine.finish(command, Status.SUCCESS);
                    engine.request();
                });
    }

    void deleteCompletion(Command command) {
        int id = id(command.entry());
        CompletionQueue queue = queues.completion(id);
        if (queue == null || !isIoQueue(id)) {
            engine.finish(command, Status.INVALID_QUEUE_ID);
        } else if (queue.submissionQueues() > 0) {
            engine.finish(command, Status.INVALID_QUEUE_DELETION);
        } else {
            queues.remove(queue);
            context.interrupts().updatePin();
            engine.finish(command, Status.SUCCESS);
        }
    }

    private int checkId(int id, boolean exists) {
        return isIoQueue(id) && !exists ? Status.SUCCESS : Status.INVALID_QUEUE_ID;
    }

    private boolean isIoQueue(int id) {
        return id >= 1 && id <= context.controller().identity().ioQueues();
    }

    private int checkRing(SubmissionEntry entry, int entrySize, boolean write) {
        int entries = entries(entry);
        long iova = entry.prp1();
        if (entries < 2 || entries > Limits.QUEUE_ENTRIES) {
            return Status.INVALID_QUEUE_SIZE;
        }
        if ((entry.cdw11() & CONTIGUOUS) == 0 || !context.controller().hasEntrySizes()) {
            return Status.INVALID_FIELD;
        }
        if ((iova & (context.mapper().pageSize() - 1)) != 0) {
            return Status.INVALID_PRP_OFFSET;
        }
        return windows.isMapped(iova, (long) entries * entrySize, write)
                ? Status.SUCCESS
                : Status.INVALID_FIELD;
    }

    private static int id(SubmissionEntry entry) {
        return entry.cdw10() & 0xffff;
    }

    private static int entries(SubmissionEntry entry) {
        return (entry.cdw10() >>> 16) + 1;
    }
}
