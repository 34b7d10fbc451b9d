package io.vfiouser.server.dma;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.DmaRange;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.server.image.ImageException;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// All client memory that one session knows of (spec: "VFIO_USER_DMA_MAP", "VFIO_USER_DMA_UNMAP").
///
/// Regions never overlap. Mapping, unmapping and look-up take about the same time with 65,536
/// regions as with one. Belongs to the session's loop.
public final class DmaTable implements AutoCloseable {
    private final int maxRegions;
    private final long maxMappedBytes;
    private final MapBudget maps;
    private final DirtySink dirty;
    private final Optional<KeptFiles> kept;
    private final RegionIndex index = new RegionIndex();
    private final RegionOrder order = new RegionOrder();
    private long mappedBytes;
    private int files;
    private @Nullable LookUpCache cache;
    private Iterator<DmaRegion> leaving = Collections.emptyIterator();
    private boolean closed;

    /// An empty table.
    ///
    /// @param maxRegions regions at a time, at least 1
    /// @param maxMappedBytes bytes mapped into this process at a time, at least 1
    /// @param dirty hears of all writes
    /// @param maps counts the mappings of all tables of the server
    /// @param keepsFiles whether the files behind mappings stay open, for [#save]
    public DmaTable(
            int maxRegions,
            long maxMappedBytes,
            MapBudget maps,
            DirtySink dirty,
            boolean keepsFiles) {
        this.kept = keepsFiles ? Optional.of(new KeptFiles()) : Optional.empty();
        this.maps = maps;
        this.maxRegions = maxRegions;
        this.maxMappedBytes = maxMappedBytes;
        this.dirty = dirty;
    }

    /// A table with no other limit on mappings.
    public DmaTable(int maxRegions, long maxMappedBytes, DirtySink dirty) {
        this(maxRegions, maxMappedBytes, MapBudget.of(Integer.MAX_VALUE), dirty, false);
    }

    /// Adds a region.
    ///
    /// A request that repeats an existing region in everything (range, permissions, way of access,
    /// file and offset) changes nothing, as in the C library. A region without any permission is
    /// kept, and every access to it refused.
    ///
    /// @param descriptors of the request; stays the caller's, who closes it whatever happens here.
    ///   The first descriptor is taken out only if it has to be kept, others are not looked at
    /// @return what the device should be told of; empty for a repetition
    /// @throws RequestRejectedException `EEXIST` for an overlap; `ENOSPC` for more mapped bytes,
    ///   and `EINVAL` for more regions, than the limits; `EINVAL` for an empty range, one that
    ///   wraps, flags that make no sense or lack their descriptor, a descriptor that is not a
    ///   regular file, a file that does not cover the range
    /// @throws io.vfiouser.os.NativeCallException if the kernel refuses, such as `EACCES` for a
    ///   descriptor that is not open for what the flags say
    /// @throws IllegalStateException after [#close]
    public Optional<DmaRange> map(DmaMap request, FdBundle descriptors) {
        if (closed) {
            throw new IllegalStateException("table: closed (expected: open)");
        }
        MapChecks.checkFlags(request.flags(), !descriptors.isEmpty());
        MapChecks.checkRange(request);
        DmaRegion overlapped = overlapped(request);
        if (overlapped != null) {
            if (repeats(overlapped, request, descriptors)) {
                return Optional.empty();
            }
            throw new RequestRejectedException(
                    Errno.EEXIST,
                    "%s (expected: no overlap with %s)"
                            .formatted(MapChecks.rangeOf(request), overlapped));
        }
        return Optional.of(add(request, descriptors, RegionMemory::open).range());
    }

    /// Begins to take one region out.
    ///
    /// @param iova its first address
    /// @param size its bytes
    /// @throws RequestRejectedException `ENOENT` unless there is a region of exactly this range;
    ///   `EBUSY` if it is being taken out already
    public PendingUnmap beginUnmap(long iova, long size) {
        DmaRegion region = index.floor(iova);
        if (region == null || region.iova() != iova || region.length() != size) {
            throw new RequestRejectedException(
                    Errno.ENOENT,
                    "address: %s, size: %s (expected: exactly a mapped region)"
                            .formatted(Iova.hex(iova), Iova.hex(size)));
        }
        return beginUnmap(List.of(region));
    }

    /// Begins to take all regions out, of which there may be none.
    ///
    /// @throws RequestRejectedException `EBUSY` if one is being taken out already
    public PendingUnmap beginUnmapAll() {
        return beginUnmap(order.toList());
    }

    /// How many regions there are.
    public int size() {
        return index.size();
    }

    /// How many descriptors of the client there are: those of regions that are files, not mapped,
    /// and of the files that are kept.
    public int descriptors() {
        return files + kept.map(KeptFiles::count).orElse(0);
    }

    /// How many leases are open and transfers are under way in all regions.
    public int users() {
        return order.toList().stream().mapToInt(DmaRegion::users).sum();
    }

    /// Writes all regions, with their files and dirty pages.
    ///
    /// @throws ImageException if files are not kept
    public void save(ImageWriter out) {
        List<DmaRegion> regions = order.toList();
        out.number(regions.size());
        for (DmaRegion region : regions) {
            Optional<FileDescriptor> file = region.memory().descriptor();
            if (file.isEmpty() && region.isMapped()) {
                throw new ImageException(
                        region + ": its file is closed (expected: a server that offers handover)");
            }
            out.number(flags(region).bits())
                    .number(region.memory().fileOffset())
                    .number(region.iova())
                    .number(region.length())
                    .flag(file.isPresent());
            file.ifPresent(out::descriptor);
            DirtyPages.save(region.dirtyPages(), out);
        }
    }

    /// Adds the regions that [#save] wrote in another process.
    ///
    /// @param log the log of dirty pages, which was taken over already
    /// @param added is told of each
    public void restore(ImageReader in, DirtyLog log, Consumer<DmaRange> added) {
        int count = in.number();
        for (int i = 0; i < count; i++) {
            var flags = new DmaFlags(in.number());
            var request = new DmaMap(flags, in.longNumber(), in.longNumber(), in.longNumber());
            try (FdBundle file = in.flag() ? FdBundle.of(in.descriptor()) : FdBundle.empty()) {
                DmaRegion region = add(request, file, RegionMemory::reopen);
                log.restore(region, in);
                added.accept(region.range());
            }
        }
    }

    private static DmaFlags flags(DmaRegion region) {
        return new DmaFlags(
                (region.isReadable() ? DmaFlags.READ : 0)
                        | (region.isWritable() ? DmaFlags.WRITE : 0)
                        | (region.memory() instanceof FileMemory ? DmaFlags.FILE_IO : 0));
    }

    /// The regions in the order in which they were mapped.
    public List<DmaRegion> regions() {
        return order.toList();
    }

    /// The region that has an address.
    ///
    /// @param iova the address, unsigned
    public Optional<DmaRegion> region(long iova) {
        return Optional.ofNullable(find(iova));
    }

    /// Ends the session's use of client memory at once: leases still open lose their memory (access
    /// faults), and whatever comes later gets `ENOTCONN`. Further calls do nothing.
    @Override
    public void close() {
        closeSome(Integer.MAX_VALUE);
    }

    /// As [#close], but for a part of the work: the kernel takes some microseconds for each
    /// mapping, and others wait. What is left is done by further calls, until [#isReleased].
    ///
    /// @param most regions whose memory is given back by this call
    public void closeSome(int most) {
        if (!closed) {
            closed = true;
            leaving = order.toList().iterator();
            index.clear();
            order.clear();
            cache = null;
            mappedBytes = 0;
            files = 0;
        }
        release(most);
    }

    /// Whether the table is closed and all memory is given back.
    public boolean isReleased() {
        return closed && !leaving.hasNext();
    }

    boolean isClosed() {
        return closed;
    }

    DirtySink dirty() {
        return dirty;
    }

    /// The region that has `iova`, if any.
    @Nullable DmaRegion find(long iova) {
        LookUpCache remembered = cache;
        DmaRegion hit = remembered == null ? null : remembered.get(iova);
        return hit == null ? search(iova, remembered) : hit;
    }

    /// The region that starts last of all that start at `iova` or before.
    @Nullable DmaRegion floor(long iova) {
        return index.floor(iova);
    }

    /// The region that has `iova` and permits the access.
    DmaRegion require(long iova, AccessMode mode) {
        checkOpen();
        DmaRegion region = find(iova);
        if (region == null) {
            throw new DeviceException(
                    Errno.ENOENT, "iova: %s (expected: in a DMA region)".formatted(Iova.hex(iova)));
        }
        region.checkPermits(mode, iova);
        return region;
    }

    /// Refuses what comes after the end of the session.
    void checkOpen() {
        if (closed) {
            throw new DeviceException(
                    Errno.ENOTCONN, "session: ended (expected: a client to be attached)");
        }
    }

    /// Takes out a region that nobody uses.
    void withdraw(DmaRegion region) {
        region.withdraw();
        index.remove(region);
        order.remove(region);
        if (index.size() < LookUpCache.WORTHWHILE) {
            cache = null;
        }
        gone(region);
    }

    /// Makes all regions unknown, at once; their memory is then given back one by one.
    void hideAll() {
        index.clear();
        order.clear();
        cache = null;
    }

    /// Ends a region that is hidden.
    void giveBack(DmaRegion region) {
        region.withdraw();
        gone(region);
    }

    private void gone(DmaRegion region) {
        region.forgetDirtyPages();
        if (region.isMapped()) {
            mappedBytes -= region.length();
            maps.giveBack();
        } else if (region.memory() instanceof FileMemory) {
            files--;
        }
    }

    private @Nullable DmaRegion search(long iova, @Nullable LookUpCache remembered) {
        DmaRegion found = index.find(iova);
        if (found != null && remembered != null) {
            remembered.put(iova, found);
        }
        return found;
    }

    private void growCache() {
        int regions = index.size();
        if (cache == null ? regions >= LookUpCache.WORTHWHILE : cache.isTooSmallFor(regions)) {
            cache = new LookUpCache(regions);
        }
    }

    private PendingUnmap beginUnmap(List<DmaRegion> regions) {
        for (DmaRegion region : regions) {
            if (region.isUnmapping()) {
                throw new RequestRejectedException(
                        Errno.EBUSY, region + " (expected: not being unmapped already)");
            }
        }
        return new PendingUnmap(this, regions);
    }

    private DmaRegion add(DmaMap request, FdBundle descriptors, Opener opener) {
        boolean mapped = !descriptors.isEmpty() && !request.flags().fileIo();
        checkRoom(request, mapped);
        DmaFlags flags = request.flags();
        var region =
                new DmaRegion(
                        request.address(),
                        request.size(),
                        flags.readable(),
                        flags.writable(),
                        open(request, descriptors, mapped, opener));
        index.add(region);
        order.add(region);
        growCache();
        if (mapped) {
            mappedBytes += request.size();
        } else if (region.memory() instanceof FileMemory) {
            files++;
        }
        return region;
    }

    private RegionMemory open(DmaMap request, FdBundle descriptors, boolean mapped, Opener opener) {
        if (!mapped) {
            return opener.open(request, descriptors, kept);
        }
        maps.take();
        try {
            return opener.open(request, descriptors, kept);
        } catch (Throwable thrown) {
            maps.giveBack();
            throw thrown;
        }
    }

    private void checkRoom(DmaMap request, boolean mapped) {
        if (index.size() >= maxRegions) {
            throw new RequestRejectedException(
                    Errno.EINVAL,
                    "regions: %d (expected: at most maxDmaRegions, %d)"
                            .formatted(index.size() + 1, maxRegions));
        }
        if (mapped && Long.compareUnsigned(request.size(), maxMappedBytes - mappedBytes) > 0) {
            throw new RequestRejectedException(
                    Errno.ENOSPC,
                    "size: %s, mapped already: %s (expected: at most maxMappedBytes, %s)"
                            .formatted(
                                    Iova.hex(request.size()),
                                    Iova.hex(mappedBytes),
                                    Iova.hex(maxMappedBytes)));
        }
    }

    /// Regions do not overlap, so the one that starts last before the end of the range is the only
    /// candidate.
    private @Nullable DmaRegion overlapped(DmaMap request) {
        DmaRegion before = index.floor(request.address() + (request.size() - 1));
        return before != null && Long.compareUnsigned(before.last(), request.address()) >= 0
                ? before
                : null;
    }

    private static boolean repeats(DmaRegion region, DmaMap request, FdBundle descriptors) {
        return region.iova() == request.address()
                && region.length() == request.size()
                && region.isReadable() == request.flags().readable()
                && region.isWritable() == request.flags().writable()
                && !region.isUnmapping()
                && region.memory().isWhat(request, descriptors);
    }

    /// How the memory of a region is opened.
    @FunctionalInterface
    private interface Opener {
        RegionMemory open(DmaMap request, FdBundle descriptors, Optional<KeptFiles> kept);
    }

    private void release(int most) {
        RuntimeException failure = null;
        for (int i = 0; i < most && leaving.hasNext(); i++) {
            DmaRegion region = leaving.next();
            try {
                if (region.isMapped()) {
                    maps.giveBack();
                }
                region.withdraw();
                region.forgetDirtyPages();
            } catch (RuntimeException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
