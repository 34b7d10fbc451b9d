package io.vfiouser.devices.nvme.engine;

import io.vfiouser.devices.nvme.queue.SubmissionEntry;
import io.vfiouser.devices.nvme.queue.SubmissionQueue;
import io.vfiouser.devices.nvme.spec.IoOpcode;
import io.vfiouser.devices.nvme.spec.Limits;
import io.vfiouser.devices.nvme.spec.Status;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/// Compare and Write as one operation (NVMe 1.4: "Fused Operations"): the pair waits until nothing
/// else is at work, and nothing else is begun until it has ended.
final class FusedPairs {
    private static final int FIRST = 1;
    private static final int SECOND = 2;
    private static final int BLOCKS_MASK = 0xffff;

    private final Engine engine;
    private final ArrayDeque<Command> pairs = new ArrayDeque<>(0);
    private @Nullable Command @Nullable [] waiting;
    private int waitingCount;

    FusedPairs(Engine engine) {
        this.engine = engine;
    }

    /// Whether the next command of a queue belongs to the one before.
    boolean isWaiting(SubmissionQueue queue) {
        return waiting != null && waiting[queue.id()] != null;
    }

    /// Takes a command that is fused, or follows one that should have been.
    ///
    /// @return whether it did; if not, the command is an ordinary one
    boolean take(Command command) {
        int fuse = command.entry().fuse();
        if (fuse == 0 && waiting == null) {
            return false;
        }
        Command first = takeWaiting(command.queue().id());
        if (first != null && fuse == SECOND) {
            pair(first, command);
            return true;
        }
        if (first != null) {
            engine.finish(first, Status.ABORTED_MISSING_FUSED);
        }
        if (fuse == 0) {
            return false;
        }
        if (fuse == FIRST && !command.queue().isEmpty()) {
            await(command);
        } else {
            engine.finish(
                    command, fuse > SECOND ? Status.INVALID_FIELD : Status.ABORTED_MISSING_FUSED);
        }
        return true;
    }

    /// Gives up commands whose other half has not been fetched.
    void abortWaiting() {
        for (int id = 0; waiting != null && id < Limits.QUEUES; id++) {
            Command first = takeWaiting(id);
            if (first != null) {
                engine.finish(first, Status.ABORTED_MISSING_FUSED);
            }
        }
    }

    /// Fetches the other halves of commands that wait for them; a first half is only kept if its
    /// queue has more.
    void fetchSeconds() {
        for (int id = 0; waiting != null && id < Limits.QUEUES; id++) {
            Command first = waiting[id];
            if (first != null && first.queue().isEmpty()) {
                abortWaiting(first.queue()); // the host has taken the other half back
            } else if (first != null) {
                engine.fetchSecond(first.queue());
            }
        }
    }

    /// Gives up the command of a queue whose other half has not been fetched.
    void abortWaiting(SubmissionQueue queue) {
        Command first = takeWaiting(queue.id());
        if (first != null) {
            engine.finish(first, Status.ABORTED_MISSING_FUSED);
        }
    }

    /// One of a pair has ended and is posted.
    ///
    /// @param fuse which one
    void ended(int fuse, int status, Command partner) {
        if (fuse == SECOND) {
            pairs.remove();
            if (pairs.isEmpty()) {
                engine.endAlone();
            } else {
                begin();
            }
        } else if (status == Status.SUCCESS) {
            engine.handleIo(partner);
        } else {
            engine.finish(partner, Status.ABORTED_FAILED_FUSED);
        }
    }

    private void pair(Command first, Command second) {
        if (!isCompareAndWrite(first.entry(), second.entry())) {
            engine.finish(first, Status.INVALID_FIELD);
            engine.finish(second, Status.INVALID_FIELD);
            return;
        }
        first.setPartner(second);
        second.setPartner(first);
        pairs.add(first);
        if (pairs.size() == 1) {
            begin();
        }
    }

    private void begin() {
        Command first = pairs.element();
        engine.alone(this::held, () -> engine.handleIo(first));
    }

    /// How many commands wait here, the pair that is next included.
    private int held() {
        return waitingCount + 2 * pairs.size();
    }

    private static boolean isCompareAndWrite(SubmissionEntry first, SubmissionEntry second) {
        return first.opcode() == IoOpcode.COMPARE
                && second.opcode() == IoOpcode.WRITE
                && first.namespaceId() == second.namespaceId()
                && first.cdw10And11() == second.cdw10And11()
                && (first.cdw12() & BLOCKS_MASK) == (second.cdw12() & BLOCKS_MASK);
    }

    private void await(Command first) {
        if (waiting == null) {
            waiting = new @Nullable Command[Limits.QUEUES];
        }
        waiting[first.queue().id()] = first;
        waitingCount++;
    }

    private @Nullable Command takeWaiting(int queue) {
        if (waiting == null || waiting[queue] == null) {
            return null;
        }
        Command first = waiting[queue];
        waiting[queue] = null;
        waitingCount--;
        return first;
    }
}
