package io.vfiouser.nbd;

import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;

/// One block request, done by one command or several. On the loop.
final class NbdTransfer {
    private final BlockRequest request;
    private final long submittedNanos;
    private BlockStatus status = BlockStatus.OK;
    private int pending;
    private boolean flushAfter;

    NbdTransfer(BlockRequest request, long submittedNanos, boolean flushAfter) {
        this.request = request;
        this.submittedNanos = submittedNanos;
        this.flushAfter = flushAfter;
    }

    BlockRequest request() {
        return request;
    }

    long submittedNanos() {
        return submittedNanos;
    }

    void commandAdded() {
        pending++;
    }

    /// Takes note of the end of a command.
    ///
    /// @return true if it was the last
    boolean commandEnded(BlockStatus outcome) {
        if (status.isOk()) {
            status = outcome;
        }
        pending--;
        return pending == 0;
    }

    /// Whether a flush has to follow what was written, asked once.
    boolean takeFlushAfter() {
        boolean wanted = flushAfter && status.isOk();
        flushAfter = false;
        return wanted;
    }

    void complete() {
        request.complete(status);
    }
}
