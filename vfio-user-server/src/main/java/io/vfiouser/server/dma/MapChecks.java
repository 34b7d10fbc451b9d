package io.vfiouser.server.dma;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;

/// What can be said against a `DMA_MAP` without knowing the table.
final class MapChecks {
    private MapChecks() {}

    /// Refuses flags that have no meaning, contradict each other or lack their descriptor.
    static void checkFlags(DmaFlags flags, boolean hasDescriptor) {
        if (flags.unknownBits() != 0 || (flags.mmap() && flags.fileIo())) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "flags: 0x%x (expected: READ 0x1, WRITE 0x2, one of MMAP 0x4 and FILE_IO 0x8)"
                            .formatted(flags.bits()));
        }
        if (!hasDescriptor && (flags.mmap() || flags.fileIo())) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "flags: 0x%x, descriptors: 0 (expected: a descriptor with MMAP or FILE_IO)"
                            .formatted(flags.bits()));
        }
    }

    /// Refuses an empty range and one that wraps; it may end at exactly 2^64.
    static void checkRange(DmaMap request) {
        if (request.size() == 0 || Iova.wraps(request.address(), request.size())) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    rangeOf(request) + " (expected: at least 1 byte and an end <= 2^64)");
        }
    }

    /// The range of a request as text.
    static String rangeOf(DmaMap request) {
        return "address: " + Iova.hex(request.address()) + ", size: " + Iova.hex(request.size());
    }
}
