package io.vfiouser.server.dma;

import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DmaMap;

/// How the bytes of one DMA region are reached.
sealed interface RegionMemory extends AutoCloseable
        permits MappedMemory, FileMemory, MessageMemory {
    /// Opens what a request asks for: its file mapped, its file by `pread` and `pwrite`, or
    /// messages.
    ///
    /// @param descriptors stays the caller's; the descriptor is taken out only to be kept
    static RegionMemory open(DmaMap request, FdBundle descriptors) {
        if (descriptors.isEmpty()) {
            return MessageMemory.INSTANCE;
        }
        return request.flags().fileIo()
                ? FileMemory.open(request, descriptors)
                : MappedMemory.open(request, descriptors.peek(0));
    }

    /// Whether a request would open the same once more.
    boolean isWhat(DmaMap request, FdBundle descriptors);

    /// Ends access; further calls do nothing.
    @Override
    void close();
}
