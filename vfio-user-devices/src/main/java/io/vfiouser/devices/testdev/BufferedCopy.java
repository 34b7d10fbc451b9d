package io.vfiouser.devices.testdev;

import io.vfiouser.device.outcome.Completion;
import java.lang.foreign.MemorySegment;

/// Copies client memory through a buffer of the device, in ascending order, piece by piece.
final class BufferedCopy {
    /// The most that one piece can have.
    static final long MAX_PIECE = 1 << 20;

    private final DmaCommand command;
    private final Transfer read;
    private final Transfer write;
    private final MemorySegment buffer;

    /// One direction, as [io.vfiouser.device.memory.GuestMemory] has it.
    interface Transfer {
        Completion start(long iova, MemorySegment piece);
    }

    /// @param buffer holds a piece; not empty
    BufferedCopy(DmaCommand command, Transfer read, Transfer write, MemorySegment buffer) {
        this.command = command;
        this.read = read;
        this.write = write;
        this.buffer = buffer;
    }

    Completion run() {
        return runFrom(0);
    }

    private Completion runFrom(long copied) {
        if (copied == command.length()) {
            return Completion.DONE;
        }
        long size = Math.min(buffer.byteSize(), command.length() - copied);
        MemorySegment piece = buffer.asSlice(0, size);
        return read.start(command.source() + copied, piece)
                .then(() -> write.start(command.destination() + copied, piece))
                .then(() -> runFrom(copied + size));
    }
}
