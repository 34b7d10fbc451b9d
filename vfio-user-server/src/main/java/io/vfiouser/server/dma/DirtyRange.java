package io.vfiouser.server.dma;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.os.Errno;

/// Which pages a client asks for: bit k of the bitmap stands for the page of `pageSize` bytes at
/// `iova + k * pageSize`.
///
/// @param iova first address, unsigned, at any alignment
/// @param length bytes, unsigned, at least 1, not necessarily whole pages; `iova + length` is at
///   most 2^64
/// @param pageSize bytes, unsigned, a power of two
public record DirtyRange(long iova, long length, long pageSize) {
    /// Checks the numbers.
    ///
    /// @throws RequestRejectedException `EINVAL` if they make no sense
    public DirtyRange {
        checkPageSize(pageSize);
        if (length == 0) {
            throw refused("length: 0 (expected: at least 1)");
        }
        checkWrap(iova, length);
    }

    /// Bytes of the bitmap: a bit for each page, padded to a multiple of 8 bytes.
    public long bitmapSize() {
        long pages = ((length - 1) >>> shift()) + 1;
        return (((pages - 1) >>> 6) + 1) << 3;
    }

    int shift() {
        return Long.numberOfTrailingZeros(pageSize);
    }

    /// The last address.
    long last() {
        return iova + (length - 1);
    }

    static void checkPageSize(long pageSize) {
        if (Long.bitCount(pageSize) != 1) {
            throw refused(
                    "page_size: 0x" + Long.toHexString(pageSize) + " (expected: a power of two)");
        }
    }

    static void checkWrap(long iova, long length) {
        if (Iova.wraps(iova, length)) {
            throw refused(
                    "iova: %s, length: %s (expected: end <= 2^64)"
                            .formatted(Iova.hex(iova), Iova.hex(length)));
        }
    }

    static RequestRejectedException refused(String message) {
        return new RequestRejectedException(Errno.EINVAL, message);
    }
}
