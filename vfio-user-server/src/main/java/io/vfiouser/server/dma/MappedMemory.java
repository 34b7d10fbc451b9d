package io.vfiouser.server.dma;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.Mapping;
import io.vfiouser.os.MemoryFaults;
import io.vfiouser.os.Protection;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Memory mapped into this process.
final class MappedMemory implements RegionMemory {
    private final Mapping mapping;
    private final ClientFile file;
    private final Optional<KeptFiles.File> kept;
    private boolean closed;
    private @Nullable MemorySegment segment;
    private @Nullable MemorySegment readOnly;

    private MappedMemory(Mapping mapping, ClientFile file, Optional<KeptFiles.File> kept) {
        this.mapping = mapping;
        this.file = file;
        this.kept = kept;
    }

    /// Maps the file; `fd` stays the caller's.
    static MappedMemory open(
            DmaMap request, FileDescriptor fd, ClientFile file, Optional<KeptFiles> files) {
        var mapping =
                Mapping.map(fd, request.offset(), request.size(), protection(request.flags()));
        try {
            return new MappedMemory(mapping, file, files.map(all -> all.keep(fd)));
        } catch (Throwable thrown) {
            mapping.close();
            throw thrown;
        }
    }

    /// The whole region. Asked for as late as possible: a mapping that nobody ever saw can be taken
    /// away without a tombstone.
    MemorySegment segment() {
        MemorySegment known = segment;
        if (known == null) {
            known = mapping.segment();
            segment = known;
        }
        return known;
    }

    /// The whole region, for reading.
    MemorySegment readOnly() {
        MemorySegment known = readOnly;
        if (known == null) {
            known = segment().asReadOnly();
            readOnly = known;
        }
        return known;
    }

    /// Fills `into` from `offset` in the region on.
    void read(long offset, MemorySegment into) {
        copy(segment(), offset, into, 0, into.byteSize());
    }

    /// Writes `from` to `offset` in the region and on.
    void write(long offset, MemorySegment from) {
        copy(from, 0, segment(), offset, from.byteSize());
    }

    @Override
    public Optional<FileDescriptor> descriptor() {
        return kept.map(KeptFiles.File::fd);
    }

    @Override
    public long fileOffset() {
        return file.offset();
    }

    @Override
    public boolean isWhat(DmaMap request, FdBundle descriptors) {
        return !descriptors.isEmpty()
                && !request.flags().fileIo()
                && ClientFile.of(request, descriptors.peek(0)).equals(file);
    }

    @Override
    public void close() {
        segment = null;
        readOnly = null;
        mapping.close();
        if (!closed) {
            closed = true;
            kept.ifPresent(KeptFiles.File::close);
        }
    }

    /// A region without any permission is mapped for reading, which nobody gets to do.
    private static Protection protection(DmaFlags flags) {
        if (!flags.writable()) {
            return Protection.READ;
        }
        return flags.readable() ? Protection.READ_WRITE : Protection.WRITE;
    }

    private static void copy(
            MemorySegment from, long fromOffset, MemorySegment to, long toOffset, long count) {
        try {
            MemorySegment.copy(from, fromOffset, to, toOffset, count);
            MemoryFaults.deliverPending();
        } catch (InternalError e) {
            if (!MemoryFaults.isFault(e)) {
                throw e;
            }
            throw new DeviceException(
                    Errno.EFAULT,
                    "client memory is gone (expected: the file behind a DMA_MAP keeps its size)",
                    e);
        }
    }
}
