package io.vfiouser.server.pci;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.region.RegionHandler;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// A device's handler that keeps bytes, notes each access, and may complete its next access later.
final class ScratchBar implements RegionHandler {
    final List<String> accesses = new ArrayList<>();
    private final MemorySegment memory;
    private Completion completion = Completion.DONE;

    ScratchBar(int size) {
        memory = MemorySegment.ofArray(new byte[size]);
    }

    void completeWith(Completion next) {
        completion = next;
    }

    byte[] bytes(int offset, int count) {
        return memory.asSlice(offset, count).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        accesses.add("read 0x%x+%d".formatted(offset, into.byteSize()));
        MemorySegment.copy(memory, offset, into, 0, into.byteSize());
        return completion;
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        accesses.add("write 0x%x+%d".formatted(offset, from.byteSize()));
        MemorySegment.copy(from, 0, memory, offset, from.byteSize());
        return completion;
    }
}
