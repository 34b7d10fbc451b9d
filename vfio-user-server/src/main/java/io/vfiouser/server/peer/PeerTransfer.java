package io.vfiouser.server.peer;

import io.vfiouser.protocol.Command;
import io.vfiouser.server.loop.DeviceTimer;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One transfer by messages, cut into pieces of at most what the client takes, one at a time.
final class PeerTransfer {
    final Command command;
    final long iova;
    final MemorySegment memory;
    final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();

    /// Bytes transferred so far.
    long progress;

    /// Bytes of the piece under way.
    int piece;

    @Nullable DeviceTimer timeout;

    PeerTransfer(Command command, long iova, MemorySegment memory) {
        this.command = command;
        this.iova = iova;
        this.memory = memory;
    }

    /// A DMA_WRITE of no bytes, whose answer shows the client's dialect.
    static PeerTransfer probe(long iova) {
        return new PeerTransfer(Command.DMA_WRITE, iova, MemorySegment.NULL);
    }

    boolean isProbe() {
        return memory.byteSize() == 0;
    }

    long remaining() {
        return memory.byteSize() - progress;
    }

    long address() {
        return iova + progress;
    }

    void stopTimer() {
        DeviceTimer timer = timeout;
        if (timer != null) {
            timer.cancel();
            timeout = null;
        }
    }
}
