package io.vfiouser.server.dma;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;

/// Checks of ranges that may cross regions.
final class RangeChecks {
    private RangeChecks() {}

    /// Refuses a range that is not all in regions which permit the access.
    static void checkAccess(DmaTable table, long iova, long length, AccessMode mode) {
        checkWrap(iova, length);
        for (long done = 0; done != length; ) {
            DmaRegion region = table.require(iova + done, mode);
            done += region.within(iova + done, length - done);
        }
    }

    /// Refuses a range that cannot all be lent.
    static void checkLease(DmaTable table, long iova, long length, AccessMode mode) {
        checkWrap(iova, length);
        for (long done = 0; done != length; ) {
            DmaRegion region = table.require(iova + done, mode);
            region.checkLendable(mode, iova + done);
            done += region.within(iova + done, length - done);
        }
    }

    /// Whether all of a range can be lent.
    static boolean isLendable(DmaTable table, long iova, long length, AccessMode mode) {
        if (Iova.wraps(iova, length)) {
            return false;
        }
        for (long done = 0; done != length; ) {
            DmaRegion region = table.find(iova + done);
            if (region == null || !region.permits(mode) || !region.isLendable()) {
                return false;
            }
            done += region.within(iova + done, length - done);
        }
        return length != 0;
    }

    /// No region goes past 2^64, and none goes on at 0 on the other side.
    private static void checkWrap(long iova, long length) {
        if (Iova.wraps(iova, length)) {
            throw new DeviceException(
                    Errno.ENOENT,
                    "iova: %s, length: %s (expected: end <= 2^64)"
                            .formatted(Iova.hex(iova), Iova.hex(length)));
        }
    }
}
