package io.vfiouser.devices.testdev;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.memory.Lease;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;

/// Copies mapped client memory to mapped client memory, in ascending order, with nothing in
/// between. Leases last for one slice, so that an unmap never waits for a whole copy.
final class DirectCopy implements BooleanSupplier {
    private static final long SLICE = 256 << 10;

    private final GuestMemory memory;
    private final DmaCommand command;
    private long copied;

    DirectCopy(GuestMemory memory, DmaCommand command) {
        this.memory = memory;
        this.command = command;
    }

    @Override
    public boolean getAsBoolean() {
        long size = Math.min(SLICE, command.length() - copied);
        try (Lease source = memory.lease(command.source() + copied, size, AccessMode.READ);
                Lease destination =
                        memory.lease(command.destination() + copied, size, AccessMode.WRITE)) {
            copy(source, destination);
        }
        copied += size;
        return copied < command.length();
    }

    private static void copy(Lease source, Lease destination) {
        int from = 0;
        int to = 0;
        long fromOffset = 0;
        long toOffset = 0;
        for (long left = source.length(); left > 0; ) {
            MemorySegment in = source.segment(from);
            MemorySegment out = destination.segment(to);
            long size = Math.min(in.byteSize() - fromOffset, out.byteSize() - toOffset);
            MemorySegment.copy(in, fromOffset, out, toOffset, size);
            left -= size;
            fromOffset += size;
            toOffset += size;
            if (fromOffset == in.byteSize()) {
                from++;
                fromOffset = 0;
            }
            if (toOffset == out.byteSize()) {
                to++;
                toOffset = 0;
            }
        }
    }
}
