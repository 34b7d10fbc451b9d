package io.vfiouser.server.legacy;

import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.LegacyCommand;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Something that is asked of a legacy client: memory, in pieces, or to take an interrupt.
final class LegacyCall {
    final LegacyCommand command;
    final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    private final long iova;
    private final MemorySegment memory;
    private final int vector;

    /// Bytes transferred so far.
    private long progress;

    private LegacyCall(LegacyCommand command, long iova, MemorySegment memory, int vector) {
        this.command = command;
        this.iova = iova;
        this.memory = memory;
        this.vector = vector;
    }

    static LegacyCall read(long iova, MemorySegment into) {
        return new LegacyCall(LegacyCommand.DMA_READ, iova, into, 0);
    }

    static LegacyCall write(long iova, MemorySegment from) {
        return new LegacyCall(LegacyCommand.DMA_WRITE, iova, from, 0);
    }

    static LegacyCall interrupt(int vector) {
        return new LegacyCall(LegacyCommand.VM_INTERRUPT, 0, MemorySegment.NULL, vector);
    }

    int vector() {
        return vector;
    }

    /// Where the next piece is.
    long address() {
        return iova + progress;
    }

    /// The next piece of the memory, of at most `most` bytes.
    MemorySegment piece(int most) {
        return memory.asSlice(progress, Math.min(memory.byteSize() - progress, most));
    }

    /// Notes that `count` bytes more were moved.
    ///
    /// @return whether that was all
    boolean moved(long count) {
        progress += count;
        return progress == memory.byteSize();
    }

    void fail(Errno errno, String why) {
        String what =
                command == LegacyCommand.VM_INTERRUPT
                        ? "VM_INTERRUPT of vector " + vector
                        : "%s of %d bytes at %s"
                                .formatted(command, memory.byteSize(), Iova.hex(iova));
        done.completeExceptionally(new DeviceException(errno, what + ": " + why));
    }
}
