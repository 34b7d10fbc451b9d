package io.vfiouser.server.dma;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.FileIo;
import io.vfiouser.os.NativeCallException;
import io.vfiouser.os.NativeMemory;
import io.vfiouser.os.PeerDescriptors;
import io.vfiouser.protocol.DmaMap;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/// Memory that the client wants to be reached by `pread` and `pwrite` on its file.
final class FileMemory implements RegionMemory {
    private static final long BOUNCE_SIZE = 64 * 1024;

    private final FileDescriptor fd;
    private final ClientFile file;

    /// @param fd closed with this
    FileMemory(FileDescriptor fd, ClientFile file) {
        this.fd = fd;
        this.file = file;
    }

    /// Fills `into` from `offset` in the region on.
    void read(long offset, MemorySegment into) {
        if (into.isNative()) {
            readNative(offset, into);
            return;
        }
        MemorySegment bounce = NativeMemory.allocate(Math.min(BOUNCE_SIZE, into.byteSize()));
        for (long done = 0; done < into.byteSize(); done += BOUNCE_SIZE) {
            long count = Math.min(BOUNCE_SIZE, into.byteSize() - done);
            readNative(offset + done, bounce.asSlice(0, count));
            MemorySegment.copy(bounce, 0, into, done, count);
        }
    }

    /// Writes `from` to `offset` in the region and on.
    void write(long offset, MemorySegment from) {
        if (from.isNative()) {
            writeNative(offset, from);
            return;
        }
        MemorySegment bounce = NativeMemory.allocate(Math.min(BOUNCE_SIZE, from.byteSize()));
        for (long done = 0; done < from.byteSize(); done += BOUNCE_SIZE) {
            long count = Math.min(BOUNCE_SIZE, from.byteSize() - done);
            MemorySegment.copy(from, done, bounce, 0, count);
            writeNative(offset + done, bounce.asSlice(0, count));
        }
    }

    @Override
    public Optional<FileDescriptor> descriptor() {
        return Optional.of(fd);
    }

    @Override
    public long fileOffset() {
        return file.offset();
    }

    @Override
    public boolean isWhat(DmaMap request, FdBundle descriptors) {
        return !descriptors.isEmpty()
                && request.flags().fileIo()
                && ClientFile.of(request, descriptors.peek(0)).equals(file);
    }

    @Override
    public void close() {
        if (fd.isOpen()) {
            PeerDescriptors.close(fd);
        }
    }

    private void readNative(long offset, MemorySegment into) {
        try {
            for (long done = 0; done < into.byteSize(); ) {
                long at = file.offset() + offset + done;
                long count = FileIo.pread(fd, into.asSlice(done), at);
                if (count == 0) {
                    throw new DeviceException(
                            Errno.EFAULT,
                            "file offset: "
                                    + Iova.hex(at)
                                    + " (expected: the file behind a DMA_MAP keeps its size)");
                }
                done += count;
            }
        } catch (NativeCallException e) {
            throw refused(e);
        }
    }

    private void writeNative(long offset, MemorySegment from) {
        try {
            for (long done = 0; done < from.byteSize(); ) {
                long at = file.offset() + offset + done;
                long count = FileIo.pwrite(fd, from.asSlice(done), at);
                if (count == 0) {
                    throw new DeviceException(
                            Errno.EIO,
                            "pwrite at file offset " + Iova.hex(at) + ": 0 bytes (expected: some)");
                }
                done += count;
            }
        } catch (NativeCallException e) {
            throw refused(e);
        }
    }

    /// Whatever the file has against the transfer is an I/O error: passed on, `EBADF` for a file
    /// that is not open for writing would look like a mistake of our own.
    private static DeviceException refused(NativeCallException e) {
        return e.errno().equals(Errno.EFAULT)
                ? new DeviceException(
                        Errno.EFAULT, "buffer is gone (expected: it stays until the end)", e)
                : new DeviceException(
                        Errno.EIO, e.getMessage() + " (expected: the file takes the transfer)", e);
    }
}
