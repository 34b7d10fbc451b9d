package io.vfiouser.server.dma;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DmaMap;
import java.util.Optional;

/// Memory for which the client shared no file: only the client itself can reach it.
enum MessageMemory implements RegionMemory {
    /// Nothing in it differs from region to region.
    INSTANCE;

    @Override
    public Optional<FileDescriptor> descriptor() {
        return Optional.empty();
    }

    @Override
    public long fileOffset() {
        return 0;
    }

    @Override
    public boolean isWhat(DmaMap request, FdBundle descriptors) {
        return descriptors.isEmpty();
    }

    @Override
    public void close() {}
}
