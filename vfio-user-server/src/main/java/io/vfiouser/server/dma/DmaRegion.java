package io.vfiouser.server.dma;

import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import org.jspecify.annotations.Nullable;

/// Client memory made known by one `DMA_MAP`, and how many users it has at the moment: open leases
/// and transfers under way. It is not taken away while it has any.
public final class DmaRegion {
    private final long iova;
    private final long length;
    private final boolean readable;
    private final boolean writable;
    private final RegionMemory memory;

    private int users;
    private boolean withdrawn;
    private @Nullable PendingUnmap unmap;
    private @Nullable DirtyPages dirtyPages;

    // Neighbours in the order of mapping, kept by RegionOrder.
    @Nullable DmaRegion previous;
    @Nullable DmaRegion next;

    DmaRegion(long iova, long length, boolean readable, boolean writable, RegionMemory memory) {
        this.iova = iova;
        this.length = length;
        this.readable = readable;
        this.writable = writable;
        this.memory = memory;
    }

    /// The first address, unsigned.
    public long iova() {
        return iova;
    }

    /// Bytes, unsigned, at least 1.
    public long length() {
        return length;
    }

    /// Whether the server may read it.
    public boolean isReadable() {
        return readable;
    }

    /// Whether the server may write it.
    public boolean isWritable() {
        return writable;
    }

    /// Whether it is mapped here, so that the server can write to it past the client.
    public boolean isMapped() {
        return memory instanceof MappedMemory;
    }

    /// What a device sees of it.
    public DmaRange range() {
        return new DmaRange(iova, length, readable, writable, isMapped());
    }

    /// As [DmaRange#toString()].
    @Override
    public String toString() {
        return range().toString();
    }

    /// The highest address that belongs to it.
    long last() {
        return iova + (length - 1);
    }

    RegionMemory memory() {
        return memory;
    }

    /// Whether all of a range is in this region. Neither sum is formed, as both may be 2^64.
    boolean contains(long address, long count) {
        long offset = address - iova;
        return Long.compareUnsigned(offset, length) < 0
                && Long.compareUnsigned(count, length - offset) <= 0;
    }

    /// How much of `count` bytes from `address` on lies in this region, which has `address`.
    long within(long address, long count) {
        long room = length - (address - iova);
        return Long.compareUnsigned(count, room) <= 0 ? count : room;
    }

    boolean permits(AccessMode mode) {
        return (readable || !mode.reads()) && (writable || !mode.writes());
    }

    /// Whether a lease would be granted; `EACCES` does not count, see [#permits].
    boolean isLendable() {
        return isMapped() && unmap == null;
    }

    /// Refuses an access that the client did not permit.
    void checkPermits(AccessMode mode, long address) {
        if (!permits(mode)) {
            throw new DeviceException(
                    Errno.EACCES,
                    "iova: %s, access: %s (expected: a region that permits it, not %s)"
                            .formatted(Iova.hex(address), mode, this));
        }
    }

    /// The memory to lend.
    MappedMemory checkLendable(AccessMode mode, long address) {
        checkPermits(mode, address);
        if (!(memory instanceof MappedMemory mapped)) {
            throw new DeviceException(
                    Errno.EFAULT,
                    "iova: %s (expected: memory that is mapped here, not %s; use read and write)"
                            .formatted(Iova.hex(address), this));
        }
        if (unmap != null) {
            throw new DeviceException(
                    Errno.EBUSY,
                    "iova: %s (expected: no lease while the client unmaps %s)"
                            .formatted(Iova.hex(address), this));
        }
        return mapped;
    }

    int users() {
        return users;
    }

    void acquire() {
        users++;
        if (users == 1 && unmap != null) {
            unmap.regionTaken();
        }
    }

    void release() {
        users--;
        if (users == 0 && unmap != null) {
            unmap.regionReleased();
        }
    }

    /// Whether it is in no table any more.
    boolean isWithdrawn() {
        return withdrawn;
    }

    /// Ends access.
    void withdraw() {
        memory.close();
        withdrawn = true;
    }

    /// The pages that the server has written, if the log has any of this region.
    @Nullable DirtyPages dirtyPages() {
        return dirtyPages;
    }

    void setDirtyPages(DirtyPages pages) {
        dirtyPages = pages;
    }

    void forgetDirtyPages() {
        if (dirtyPages != null) {
            dirtyPages.clear();
            dirtyPages = null;
        }
    }

    boolean isUnmapping() {
        return unmap != null;
    }

    /// From now on no lease is granted and `pending` hears when the last user has gone; null takes
    /// that back.
    void setUnmap(@Nullable PendingUnmap pending) {
        unmap = pending;
    }
}
