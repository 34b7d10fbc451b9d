package io.vfiouser.devices.nvme.engine;

import io.vfiouser.os.NativeMemory;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The memory of a controller for data that cannot go between storage and guest directly. There is
/// so much of it and no more; commands for which it does not suffice wait, the first one first.
final class BufferPool {
    /// Bytes of a chunk, which no buffer exceeds.
    static final int CHUNK_SIZE = 2 << 20;

    private static final int PAGE = 4096;
    private static final int CHUNK_PAGES = CHUNK_SIZE / PAGE;

    private final int maxChunks;
    private final List<Chunk> chunks = new ArrayList<>(0);
    private final CommandList waiting = new CommandList();
    private boolean returned;

    /// A pool without memory yet.
    ///
    /// @param limit bytes, rounded up to whole chunks
    BufferPool(long limit) {
        this.maxChunks = (int) Math.ceilDiv(limit, (long) CHUNK_SIZE);
    }

    /// Gives a command a buffer, or has it wait.
    ///
    /// @param size 1 to [#CHUNK_SIZE]
    /// @param then goes on with it if it has to wait
    /// @return whether it has one
    boolean take(Command command, long size, CommandHandler then) {
        MemorySegment buffer = waiting.isEmpty() ? find(size) : null;
        if (buffer == null) {
            command.await(size, then);
            waiting.add(command);
            return false;
        }
        command.lend(buffer);
        return true;
    }

    /// Takes a command's buffer back, if it has one of the pool's.
    void give(Command command) {
        MemorySegment buffer = command.takeLent();
        if (buffer != null) {
            for (Chunk chunk : chunks) {
                if (chunk.take(buffer)) {
                    returned = true;
                    return;
                }
            }
        }
    }

    /// Whether a command that waits may have a buffer now.
    boolean isReady() {
        return returned && !waiting.isEmpty();
    }

    /// The next command that waited and has a buffer now, or null.
    @Nullable Command next() {
        Command first = waiting.peek();
        if (first == null) {
            return null;
        }
        MemorySegment buffer = find(first.awaitedSize());
        if (buffer == null) {
            returned = false;
            return null;
        }
        first.lend(buffer);
        return waiting.poll();
    }

    /// Gives the memory up; no command has any.
    void clear() {
        chunks.clear();
    }

    private @Nullable MemorySegment find(long size) {
        int pages = (int) Math.ceilDiv(size, (long) PAGE);
        for (Chunk chunk : chunks) {
            int start = chunk.find(pages);
            if (start >= 0) {
                return chunk.give(start, pages, size);
            }
        }
        if (chunks.size() == maxChunks) {
            return null;
        }
        var chunk = new Chunk();
        chunks.add(chunk);
        return chunk.give(0, pages, size);
    }

    /// Pages side by side.
    private static final class Chunk {
        private final MemorySegment memory;
        private final BitSet used = new BitSet(CHUNK_PAGES);

        Chunk() {
            MemorySegment all = NativeMemory.allocate(CHUNK_SIZE + PAGE);
            memory = all.asSlice(-all.address() & (PAGE - 1), CHUNK_SIZE); // for direct I/O
        }

        /// Where so many pages are free, or -1.
        int find(int pages) {
            int start = used.nextClearBit(0);
            while (start + pages <= CHUNK_PAGES) {
                int next = used.nextSetBit(start);
                if (next < 0 || next - start >= pages) {
                    return start;
                }
                start = used.nextClearBit(next);
            }
            return -1;
        }

        MemorySegment give(int start, int pages, long size) {
            used.set(start, start + pages);
            return memory.asSlice((long) start * PAGE, size);
        }

        boolean take(MemorySegment buffer) {
            long offset = buffer.address() - memory.address();
            if (offset < 0 || offset >= CHUNK_SIZE) {
                return false;
            }
            int start = (int) (offset / PAGE);
            used.clear(start, start + (int) Math.ceilDiv(buffer.byteSize(), (long) PAGE));
            return true;
        }
    }
}
