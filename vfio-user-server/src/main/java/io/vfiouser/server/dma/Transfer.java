package io.vfiouser.server.dma;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.outcome.Completion;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// One copy between client memory and a buffer, region by region in address order.
///
/// While a message is under way its region counts as used, so an unmap waits for it. The regions
/// behind it are looked up when it is their turn: the client may have unmapped them by then.
final class Transfer {
    private final DmaTable table;
    private final PeerMemory peer;
    private final AccessMode mode;
    private final boolean byMessage;
    private final long iova;
    private final MemorySegment buffer;
    private final CompletableFuture<@Nullable Void> result = new CompletableFuture<>();
    private long done;

    /// A copy that has not begun.
    ///
    /// @param mode READ to fill `buffer` from client memory, WRITE for the other way
    /// @param byMessage to send messages even for memory that can be reached directly
    Transfer(
            DmaTable table,
            PeerMemory peer,
            AccessMode mode,
            boolean byMessage,
            long iova,
            MemorySegment buffer) {
        this.table = table;
        this.peer = peer;
        this.mode = mode;
        this.byMessage = byMessage;
        this.iova = iova;
        this.buffer = buffer;
    }

    /// Checks all of the range, then copies as far as possible without waiting.
    Completion start() {
        RangeChecks.checkAccess(table, iova, buffer.byteSize(), mode);
        return advance() ? Completion.DONE : Completion.after(result);
    }

    /// Copies up to the first region that has to wait for an answer; true if there is none.
    private boolean advance() {
        while (done < buffer.byteSize()) {
            long at = iova + done;
            DmaRegion region = table.require(at, mode);
            long count = region.within(at, buffer.byteSize() - done);
            Completion moved = move(region, at, buffer.asSlice(done, count));
            if (moved instanceof Completion.Pending(var stage) && !isOver(stage)) {
                awaitAnswer(region, count, stage);
                return false;
            }
            done += count;
        }
        return true;
    }

    /// Marks dirty first: a write that fails half-way has changed something too.
    private Completion move(DmaRegion region, long at, MemorySegment part) {
        if (byMessage) {
            return send(at, part);
        }
        long offset = at - region.iova();
        return switch (region.memory()) {
            case MessageMemory _ -> send(at, part);
            case MappedMemory mapped -> {
                if (mode.reads()) {
                    mapped.read(offset, part);
                } else {
                    table.dirty().written(region, at, part.byteSize());
                    mapped.write(offset, part);
                }
                yield Completion.DONE;
            }
            case FileMemory file -> {
                if (mode.reads()) {
                    file.read(offset, part);
                } else {
                    table.dirty().written(region, at, part.byteSize());
                    file.write(offset, part);
                }
                yield Completion.DONE;
            }
        };
    }

    private Completion send(long at, MemorySegment part) {
        return mode.reads() ? peer.read(at, part) : peer.write(at, part);
    }

    private void awaitAnswer(DmaRegion region, long count, CompletionStage<?> stage) {
        region.acquire();
        stage.whenComplete((_, error) -> {
            region.release();
            if (error == null) {
                resume(count);
            } else {
                result.completeExceptionally(unwrap(error));
            }
        });
    }

    private void resume(long count) {
        done += count;
        try {
            if (advance()) {
                result.complete(null);
            }
        } catch (Throwable t) {
            result.completeExceptionally(t);
        }
    }

    /// Whether a stage is complete already, so that the loop may go on instead of nesting calls.
    private static boolean isOver(CompletionStage<?> stage) {
        CompletableFuture<?> future = stage.toCompletableFuture();
        return future.isDone() && !future.isCompletedExceptionally();
    }

    private static Throwable unwrap(Throwable error) {
        Throwable cause = error.getCause();
        return error instanceof CompletionException && cause != null ? cause : error;
    }
}
