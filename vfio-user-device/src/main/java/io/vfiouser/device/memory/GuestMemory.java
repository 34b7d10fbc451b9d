package io.vfiouser.device.memory;

import com.google.errorprone.annotations.MustBeClosed;
import io.vfiouser.device.outcome.Completion;
import java.lang.foreign.MemorySegment;
import java.util.List;

/// The client's memory, as far as it has made it known with `DMA_MAP`.
///
/// All methods belong to the device's loop, and so do the completions that they return: they are
/// done on it, also with an error when the client goes meanwhile. Addresses are unsigned. Errors
/// are [io.vfiouser.device.outcome.DeviceException]s: `ENOENT` for an address in no region,
/// `EACCES` for a region without the permission, `EFAULT` for memory that cannot be reached the way
/// it was asked for; left uncaught they become the reply to the access that caused the DMA.
public interface GuestMemory {
    /// Lends a range to the device for direct access.
    ///
    /// @param iova first address
    /// @param length bytes, at least 1
    /// @throws io.vfiouser.device.outcome.DeviceException `ENOENT` if any byte is in no region,
    ///   `EACCES` if a region forbids the access, `EFAULT` if a part is not mapped here (use
    ///   [#read] and [#write]), `EBUSY` while the client is unmapping it
    @MustBeClosed
    Lease lease(long iova, long length, AccessMode mode);

    /// Lends a range to a device that keeps it for long and writes only here and there: as
    /// [#lease], but closing it marks nothing dirty. The device says with [#markDirty] what it
    /// wrote, and closes the lease in [io.vfiouser.device.Device#quiesce()].
    ///
    /// @param iova first address
    /// @param length bytes, at least 1
    /// @throws io.vfiouser.device.outcome.DeviceException as [#lease]
    Lease standingLease(long iova, long length, AccessMode mode);

    /// Copies client memory into `into`, whose size is the length: directly where it is mapped,
    /// with DMA_READ messages where it is not.
    ///
    /// @param into must stay valid until the completion is done
    Completion read(long iova, MemorySegment into);

    /// Copies `from` into client memory: directly where it is mapped, with DMA_WRITE messages where
    /// it is not.
    ///
    /// @param from must stay valid until the completion is done
    Completion write(long iova, MemorySegment from);

    /// As [#read], but by DMA_READ messages even where the memory is mapped.
    Completion readByMessage(long iova, MemorySegment into);

    /// As [#write], but by DMA_WRITE messages even where the memory is mapped.
    Completion writeByMessage(long iova, MemorySegment from);

    /// Says that the device has written to a range through a lease that stays open, after the
    /// write.
    ///
    /// A client that logs dirty pages copies the page again. Leases for writing say so when they
    /// are closed, and [#write] by itself; a device that keeps a lease says so after each write, as
    /// the client may ask at any time. It costs next to nothing while no log is on. Writes of
    /// another thread are marked through [io.vfiouser.device.DeviceContext#execute].
    ///
    /// @param length bytes, at least 1
    void markDirty(long iova, long length);

    /// Whether every byte of a range can be leased for this access.
    boolean isDirect(long iova, long length, AccessMode mode);

    /// The regions that the client has mapped, in the order in which it mapped them.
    List<DmaRange> ranges();
}
