package io.vfiouser.nbd;

import io.vfiouser.devices.block.BlockRequest;
import io.vfiouser.devices.block.BlockStatus;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One block request, done by one command or several. Of a [NbdPool]; on the loop.
final class NbdTransfer {
    private @Nullable BlockRequest request;
    private long submittedNanos;
    private BlockStatus status = BlockStatus.OK;
    private int pending;
    private boolean flushAfter;

    void begin(BlockRequest request, long submittedNanos, boolean flushAfter) {
        this.request = request;
        this.submittedNanos = submittedNanos;
        this.flushAfter = flushAfter;
        status = BlockStatus.OK;
        pending = 0;
    }

    void end() {
        request = null;
    }

    BlockRequest request() {
        return Objects.requireNonNull(request, "request");
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

    /// How it has gone so far.
    BlockStatus status() {
        return status;
    }
}
