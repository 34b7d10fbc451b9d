package io.vfiouser.server.dma;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FileStatus;
import io.vfiouser.protocol.DmaMap;

/// Which part of which file is behind a DMA region. Equal for two descriptors of the same file.
///
/// @param device the file system's number
/// @param inode the file's number in it
/// @param offset first byte of the region in the file
record ClientFile(long device, long inode, long offset) {
    /// The file of a descriptor that came with a request.
    static ClientFile of(DmaMap request, FileDescriptor fd) {
        return of(request, FileStatus.of(fd));
    }

    /// As [#of], but only if it is of a kind that can be memory and covers the region.
    static ClientFile checked(DmaMap request, FileDescriptor fd) {
        FileStatus status = FileStatus.of(fd);
        if (status.kind() != FileStatus.Kind.REGULAR) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "descriptor: "
                            + status.kind()
                            + " (expected: a regular file, a memfd or a file on hugetlbfs)");
        }
        long offset = request.offset();
        if (offset < 0 || offset > status.size() || room(status, offset) < request.size()) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "offset: %s, size: %s (expected: end <= %s, the size of the file)"
                            .formatted(
                                    Iova.hex(offset),
                                    Iova.hex(request.size()),
                                    Iova.hex(status.size())));
        }
        return of(request, status);
    }

    private static ClientFile of(DmaMap request, FileStatus status) {
        return new ClientFile(status.device(), status.inode(), request.offset());
    }

    private static long room(FileStatus status, long offset) {
        return status.size() - offset;
    }
}
