package io.vfiouser.client;

import io.vfiouser.client.memory.ClientMemory;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.WireFormat;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/// Maps and unmaps client memory, and keeps what the server may reach by messages in step with it.
final class DmaMaps {
    private final Blocking blocking;
    private final ClientMemory memory;

    DmaMaps(Blocking blocking, ClientMemory memory) {
        this.blocking = blocking;
        this.memory = memory;
    }

    ClientMemory memory() {
        return memory;
    }

    void map(long iova, SharedMemory shared, long offset, long size, DmaFlags flags) {
        AsyncCommands commands = blocking.commands();
        MemorySegment segment = shared.segment().asSlice(offset, size);
        var descriptors = FdBundle.of(shared.duplicate());
        map(commands, new DmaMap(flags, offset, iova, size), descriptors, segment);
    }

    void mapWithoutDescriptor(long iova, MemorySegment segment, DmaFlags flags) {
        var request = new DmaMap(flags, 0, iova, segment.byteSize());
        map(blocking.commands(), request, FdBundle.empty(), segment);
    }

    void unmap(long iova, long size) {
        blocking.await(blocking.commands().dmaUnmap(DmaUnmap.region(iova, size)));
        memory.remove(iova, size);
    }

    BitSet unmapWithDirtyPages(long iova, long size, long pageSize) {
        long bitmapSize = Features.bitmapSize(size, pageSize);
        var request =
                new DmaUnmap(
                        WireFormat.DMA_UNMAP_BITMAP_SIZE + bitmapSize,
                        DmaUnmap.GET_BITMAP,
                        iova,
                        size,
                        pageSize,
                        bitmapSize);
        byte[] bitmap = blocking.await(blocking.commands().dmaUnmap(request));
        memory.remove(iova, size);
        return BitSet.valueOf(bitmap);
    }

    void unmapAll() {
        blocking.await(blocking.commands().dmaUnmap(DmaUnmap.everything()));
        memory.clear();
    }

    /// The server may use the memory before its reply is here, so it is added first.
    private void map(
            AsyncCommands commands, DmaMap request, FdBundle descriptors, MemorySegment segment) {
        ClientMemory.Region region = memory.add(request.address(), segment, request.flags());
        try {
            blocking.await(commands.dmaMap(request, descriptors));
        } catch (RuntimeException e) {
            memory.remove(region);
            throw e;
        }
    }
}
