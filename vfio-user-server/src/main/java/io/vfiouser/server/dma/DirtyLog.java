package io.vfiouser.server.dma;

import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.memory.Iova;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Feature.DmaLoggingStart;
import io.vfiouser.server.image.ImageReader;
import io.vfiouser.server.image.ImageWriter;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which pages of its client's memory a server has written (spec:
/// "VFIO_DEVICE_FEATURE_DMA_LOGGING_START").
///
/// While it is off a write costs it one look at a field. While it is on, it logs all regions, those
/// mapped later too, each in pages counted from its start. To report pages makes them clean, and as
/// all of this belongs to the session's loop, no write comes in between. Memory that is written by
/// `DMA_WRITE` messages does not show up: the client does those writes itself.
public final class DirtyLog implements DirtySink {
    /// Bytes of the smallest page that is logged.
    public static final long SMALLEST_PAGE = 4096;

    private static final int MAX_CHUNKS = 1 << 16;

    private final long maxBitmapSize;
    private final ChunkBudget budget;
    private boolean on;
    private int pageShift;

    /// A log that is off.
    ///
    /// @param maxBitmapSize bytes of the largest bitmap it gives, at least 8
    public DirtyLog(long maxBitmapSize) {
        this(maxBitmapSize, MAX_CHUNKS);
    }

    DirtyLog(long maxBitmapSize, int maxChunks) {
        this.maxBitmapSize = maxBitmapSize;
        this.budget = new ChunkBudget(maxChunks);
    }

    /// Switches it on, with all pages clean. To repeat this while it is on changes nothing.
    ///
    /// @param pageSize bytes, a power of two; the log takes pages of that size, but none below
    ///   [#SMALLEST_PAGE]
    /// @param ranges what the client wants to know about. All else is logged too: a page too many
    ///   costs the client a copy, and a region that it maps later need not be in a range
    /// @return bytes of the pages that are logged
    /// @throws RequestRejectedException `EINVAL` for a page size that is no power of two, a range
    ///   that wraps, or a log that is on with another page size
    public long start(long pageSize, List<DmaLoggingStart.Range> ranges) {
        DirtyRange.checkPageSize(pageSize);
        ranges.forEach(range -> DirtyRange.checkWrap(range.iova(), range.length()));
        int shift =
                Math.max(
                        Long.numberOfTrailingZeros(pageSize),
                        Long.numberOfTrailingZeros(SMALLEST_PAGE));
        if (on && shift != pageShift) {
            throw DirtyRange.refused(
                    "page_size: 0x%x (expected: 0x%x, with which the log is on)"
                            .formatted(pageSize, 1L << pageShift));
        }
        pageShift = shift;
        on = true;
        return 1L << shift;
    }

    /// Switches it off, if it is on, and forgets all pages.
    ///
    /// @param table has the regions
    public void stop(DmaTable table) {
        if (on) {
            on = false;
            table.regions().forEach(DmaRegion::forgetDirtyPages);
        }
    }

    /// Whether it is on.
    public boolean isOn() {
        return on;
    }

    @Override
    public void written(DmaRegion region, long iova, long length) {
        if (on) {
            mark(region, iova - region.iova(), length);
        }
    }

    /// Refuses what [#report] would refuse.
    ///
    /// @return bytes of the bitmap
    /// @throws RequestRejectedException `EINVAL` while the log is off, and for a bitmap above the
    ///   limit; `ENOENT` if no region has any address of the range
    public int check(DmaTable table, DirtyRange range) {
        if (!on) {
            throw DirtyRange.refused("dirty page log: off (expected: on, DMA_LOGGING_START)");
        }
        long size = range.bitmapSize();
        checkSize(size);
        if (lastRegion(table, range) == null) {
            throw new RequestRejectedException(
                    Errno.ENOENT,
                    "iova: %s, length: %s (expected: a DMA region in this range)"
                            .formatted(Iova.hex(range.iova()), Iova.hex(range.length())));
        }
        return Math.toIntExact(size);
    }

    /// Refuses a bitmap, or several for one reply, that are larger than the limit.
    ///
    /// @throws RequestRejectedException `EINVAL`
    public void checkSize(long bytes) {
        if (bytes > maxBitmapSize) {
            throw DirtyRange.refused(
                    "bitmap: %d bytes (expected: at most %d, by maxBitmapSize or max_bitmap_size)"
                            .formatted(bytes, maxBitmapSize));
        }
    }

    /// Tells which pages are dirty, and makes them clean.
    ///
    /// The range may cross regions and holes, and begin or end within a region; bits for what is in
    /// no region are zero. A page of the log that is only partly in the range stays dirty.
    ///
    /// @return bit k of byte j stands for page 8j+k; of the size that [#check] gives
    /// @throws RequestRejectedException as [#check]
    public byte[] report(DmaTable table, DirtyRange range) {
        byte[] bitmap = new byte[check(table, range)];
        var report = new DirtyReport(range, MemorySegment.ofArray(bitmap));
        DmaRegion region = lastRegion(table, range);
        while (region != null) {
            DirtyPages pages = region.dirtyPages();
            if (pages != null) {
                report.take(region, pages, pageShift);
            }
            region = regionBefore(table, range, region);
        }
        return bitmap;
    }

    /// Writes whether it is on, and with which pages; what is dirty comes with the regions.
    public void save(ImageWriter out) {
        out.flag(on).number(pageShift);
    }

    /// Takes over what [#save] wrote.
    public void restore(ImageReader in) {
        on = in.flag();
        pageShift = in.count(Long.SIZE - 1);
    }

    /// Takes over the dirty pages of one region.
    void restore(DmaRegion region, ImageReader in) {
        if (in.flag()) {
            var pages = new DirtyPages(budget);
            region.setDirtyPages(pages);
            pages.restore(in);
        }
    }

    private void mark(DmaRegion region, long offset, long length) {
        DirtyPages pages = region.dirtyPages();
        if (pages == null) {
            pages = new DirtyPages(budget);
            region.setDirtyPages(pages);
        }
        pages.mark(offset >>> pageShift, (offset + (length - 1)) >>> pageShift);
    }

    private static @Nullable DmaRegion lastRegion(DmaTable table, DirtyRange range) {
        return inRange(table.floor(range.last()), range);
    }

    private static @Nullable DmaRegion regionBefore(
            DmaTable table, DirtyRange range, DmaRegion region) {
        return region.iova() == 0 ? null : inRange(table.floor(region.iova() - 1), range);
    }

    private static @Nullable DmaRegion inRange(@Nullable DmaRegion candidate, DirtyRange range) {
        return candidate != null && Long.compareUnsigned(candidate.last(), range.iova()) >= 0
                ? candidate
                : null;
    }
}
