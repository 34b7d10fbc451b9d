package io.vfiouser.device.region;

import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.os.SharedMemory;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A region that is plain memory: what was written is what is read.
///
/// Memory is only taken up once it is needed, so that thousands of idle devices cost little.
/// Belongs to the device's loop.
public final class MemoryRegion implements RegionHandler {
    private final long size;
    private final @Nullable SharedMemory shared;
    private @Nullable MemorySegment memory;

    private MemoryRegion(long size, @Nullable SharedMemory shared) {
        this.size = size;
        this.shared = shared;
    }

    /// Zeroed memory of this process, allocated by the first write; clients cannot map it.
    ///
    /// @param size bytes, at least 1
    public static MemoryRegion scratch(long size) {
        if (size < 1) {
            throw new IllegalArgumentException("size: " + size + " (expected: at least 1)");
        }
        return new MemoryRegion(size, null);
    }

    /// A window onto shared memory, so that trapped and mapped accesses meet in the same bytes. It
    /// is mapped into this process by the first trapped access.
    ///
    /// @param memory borrowed, must stay open as long as the region is served
    public static MemoryRegion shared(SharedMemory memory) {
        return new MemoryRegion(memory.size(), Objects.requireNonNull(memory, "memory"));
    }

    /// Makes all of it zero again and gives back the room that it took up, for a reset.
    ///
    /// @throws IllegalStateException if it is shared memory that is closed
    public void clear() {
        if (shared == null) {
            memory = null;
        } else {
            shared.clear();
        }
    }

    /// The bytes themselves, for the device; of scratch memory only until [#clear()].
    public MemorySegment segment() {
        MemorySegment bytes = memory;
        if (bytes == null) {
            bytes = shared == null ? NativeMemory.allocate(size) : shared.segment();
            memory = bytes;
        }
        return bytes;
    }

    @Override
    public Optional<MemorySegment> memory(long offset, long length) {
        return memory == null && shared == null
                ? Optional.empty()
                : Optional.of(segment().asSlice(offset, length));
    }

    @Override
    public Completion read(long offset, MemorySegment into) {
        if (memory == null && shared == null) {
            into.fill((byte) 0);
        } else {
            MemorySegment.copy(segment(), offset, into, 0, into.byteSize());
        }
        return Completion.DONE;
    }

    @Override
    public Completion write(long offset, MemorySegment from) {
        MemorySegment.copy(from, 0, segment(), offset, from.byteSize());
        return Completion.DONE;
    }
}
