package io.vfiouser.testkit.vmm;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;

/// The machine's memory, from address 0 on. The first megabyte is not given out, so that no buffer
/// has address 0.
final class GuestRam implements AutoCloseable {
    private static final long PAGE = 4096;
    private static final long FIRST = 1 << 20;

    private final SharedMemory memory;
    private long next = FIRST;

    GuestRam(long size) {
        if (size <= FIRST || size % PAGE != 0) {
            throw new IllegalArgumentException(
                    "memory: %d (expected: more than %d, a multiple of %d)"
                            .formatted(size, FIRST, PAGE));
        }
        this.memory = SharedMemory.create("guest-ram", size);
    }

    /// Has a server map it.
    void share(VfioUserClient client) {
        client.dmaMap(0, memory, 0, memory.size(), DmaFlags.READ_WRITE);
    }

    synchronized GuestBuffer allocate(long size) {
        long room = memory.size() - next;
        if (size < 1 || size > room) {
            throw new IllegalStateException(
                    "size: %d, memory: %d (expected: 1 to %d, which are left)"
                            .formatted(size, memory.size(), room));
        }
        long iova = next;
        long bytes = (size + PAGE - 1) / PAGE * PAGE;
        next += bytes;
        return new GuestBuffer(memory.segment().asSlice(iova, bytes), iova);
    }

    @Override
    public void close() {
        memory.close();
    }
}
