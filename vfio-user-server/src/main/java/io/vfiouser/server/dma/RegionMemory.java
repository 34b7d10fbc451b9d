package io.vfiouser.server.dma;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DmaMap;
import java.util.Optional;

/// How the bytes of one DMA region are reached.
sealed interface RegionMemory extends AutoCloseable
        permits MappedMemory, FileMemory, MessageMemory {
    /// Opens what a request asks for: its file mapped, its file by `pread` and `pwrite`, or
    /// messages.
    ///
    /// @param descriptors stays the caller's; the descriptor is taken out only to be kept
    /// @param kept keeps the file of a mapping; empty if nobody will ask for it
    static RegionMemory open(DmaMap request, FdBundle descriptors, Optional<KeptFiles> kept) {
        if (descriptors.isEmpty()) {
            return MessageMemory.INSTANCE;
        }
        ClientFile file = ClientFile.checked(request, descriptors.peek(0));
        return open(request, descriptors, file, kept);
    }

    /// As [#open(DmaMap, FdBundle, Optional)], for a region that was checked when the client mapped
    /// it: the file may have been cut short since.
    static RegionMemory reopen(DmaMap request, FdBundle descriptors, Optional<KeptFiles> kept) {
        return descriptors.isEmpty()
                ? MessageMemory.INSTANCE
                : open(request, descriptors, ClientFile.of(request, descriptors.peek(0)), kept);
    }

    private static RegionMemory open(
            DmaMap request, FdBundle descriptors, ClientFile file, Optional<KeptFiles> kept) {
        return request.flags().fileIo()
                ? new FileMemory(descriptors.take(0), file)
                : MappedMemory.open(request, descriptors.peek(0), file, kept);
    }

    /// The descriptor with which another process can reach the same, if it takes one; stays here.
    Optional<FileDescriptor> descriptor();

    /// First byte in the file, 0 without one.
    long fileOffset();

    /// Whether a request would open the same once more.
    boolean isWhat(DmaMap request, FdBundle descriptors);

    /// Ends access; further calls do nothing.
    @Override
    void close();
}
