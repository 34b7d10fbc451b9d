package io.vfiouser.server.dma;

import com.google.errorprone.annotations.MustBeClosed;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.GuestMemory;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.server.stats.DmaCounters;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.function.BooleanSupplier;

/// The client's memory as the device of one session sees it: a [DmaTable] with the ways to reach
/// its regions.
///
/// Ranges and permissions are checked before the first byte moves, and refused by an exception of
/// the call itself; only what goes wrong after a wait fails the completion. Copies cross regions of
/// any kind in address order. Once the table is closed everything ends with `ENOTCONN`, nothing is
/// direct, and there are no ranges. Belongs to the session's loop.
public final class GuestMemoryView implements GuestMemory {
    private final DmaTable table;
    private final PeerMemory peer;
    private final BooleanSupplier dmaAllowed;
    private final DmaCounters counters;
    private volatile boolean revoked;

    /// A view for a session that does not look at the bus master bit.
    ///
    /// @param table stays the session's
    /// @param peer for memory that is not shared
    public GuestMemoryView(DmaTable table, PeerMemory peer) {
        this(table, peer, () -> true, new DmaCounters());
    }

    /// A view for a session that does.
    ///
    /// @param table stays the session's
    /// @param peer for memory that is not shared
    /// @param dmaAllowed whether the device may use client memory at the moment; while it may not,
    ///   all access is refused with `EACCES`
    /// @param counters takes what the device uses
    public GuestMemoryView(
            DmaTable table, PeerMemory peer, BooleanSupplier dmaAllowed, DmaCounters counters) {
        this.table = table;
        this.peer = peer;
        this.dmaAllowed = dmaAllowed;
        this.counters = counters;
    }

    @MustBeClosed
    @Override
    public Lease lease(long iova, long length, AccessMode mode) {
        return open(iova, length, mode, mode.writes());
    }

    @Override
    public Lease standingLease(long iova, long length, AccessMode mode) {
        return open(iova, length, mode, false);
    }

    private Lease open(long iova, long length, AccessMode mode, boolean marks) {
        checkAllowed();
        if (length == 0) {
            throw new DeviceException(
                    Errno.EINVAL, "iova: " + Iova.hex(iova) + ", length: 0 (expected: at least 1)");
        }
        DmaRegion region = table.require(iova, mode);
        counters.used(mode, length);
        return region.contains(iova, length)
                ? RegionLease.open(table, region, iova, length, mode, marks)
                : SpanningLease.open(table, iova, length, mode, marks);
    }

    @Override
    public Completion read(long iova, MemorySegment into) {
        return transfer(AccessMode.READ, false, iova, into);
    }

    @Override
    public Completion write(long iova, MemorySegment from) {
        return transfer(AccessMode.WRITE, false, iova, from);
    }

    @Override
    public Completion readByMessage(long iova, MemorySegment into) {
        return transfer(AccessMode.READ, true, iova, into);
    }

    @Override
    public Completion writeByMessage(long iova, MemorySegment from) {
        return transfer(AccessMode.WRITE, true, iova, from);
    }

    @Override
    public void markDirty(long iova, long length) {
        RangeChecks.checkAccess(table, iova, length, AccessMode.WRITE);
        for (long done = 0; done != length; ) {
            DmaRegion region = table.require(iova + done, AccessMode.WRITE);
            long count = region.within(iova + done, length - done);
            table.dirty().written(region, iova + done, count);
            done += count;
        }
    }

    @Override
    public boolean isDirect(long iova, long length, AccessMode mode) {
        if (revoked || !dmaAllowed.getAsBoolean()) {
            return false;
        }
        DmaRegion region = table.find(iova);
        return (region != null && length != 0 && region.contains(iova, length))
                ? region.permits(mode) && region.isLendable()
                : RangeChecks.isLendable(table, iova, length, mode);
    }

    @Override
    public List<DmaRange> ranges() {
        return table.regions().stream().map(DmaRegion::range).toList();
    }

    private Completion transfer(
            AccessMode mode, boolean byMessage, long iova, MemorySegment buffer) {
        checkAllowed();
        Completion completion = new Transfer(table, peer, mode, byMessage, iova, buffer).start();
        counters.used(mode, buffer.byteSize());
        return completion;
    }

    /// Refuses all access from now on, with `ENODEV`: the device was given up.
    public void revoke() {
        revoked = true;
    }

    private void checkAllowed() {
        table.checkOpen();
        if (revoked) {
            throw new DeviceException(
                    Errno.ENODEV, "device: given up (expected: no more use of client memory)");
        }
        if (!dmaAllowed.getAsBoolean()) {
            throw new DeviceException(
                    Errno.EACCES, "bus master: off (expected: on before the device uses memory)");
        }
    }
}
