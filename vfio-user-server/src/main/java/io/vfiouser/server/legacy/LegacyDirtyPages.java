package io.vfiouser.server.legacy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.LegacyRequest;
import io.vfiouser.protocol.LegacyRequest.DirtyPages;
import io.vfiouser.protocol.PayloadReply;
import io.vfiouser.server.dispatch.Answer;
import io.vfiouser.server.dma.DirtyLog;
import io.vfiouser.server.dma.DirtyRange;
import io.vfiouser.server.dma.DmaTable;
import java.util.ArrayList;
import java.util.List;

/// DIRTY_PAGES: the log of today, in pages of one size only and with bitmaps of bytes.
///
/// All ranges are checked before the first is read, as to read pages makes them clean.
final class LegacyDirtyPages {
    private static final long PAGE_SIZE = DirtyLog.SMALLEST_PAGE;

    private final DirtyLog log;
    private final DmaTable memory;
    private final boolean migrates;

    /// @param migrates whether the device can migrate; if not, there is no log
    LegacyDirtyPages(DirtyLog log, DmaTable memory, boolean migrates) {
        this.log = log;
        this.memory = memory;
        this.migrates = migrates;
    }

    Answer run(DirtyPages request) {
        if (!migrates) {
            throw LegacyCommands.refused("DIRTY_PAGES (expected: a device that can migrate)");
        }
        return switch (request.action()) {
            case START -> {
                log.start(PAGE_SIZE, List.of());
                yield Answer.EMPTY;
            }
            case STOP -> {
                log.stop(memory);
                yield Answer.EMPTY;
            }
            case GET_BITMAP -> Answer.now(new PayloadReply(bitmaps(request)));
        };
    }

    private ByteBuf bitmaps(DirtyPages request) {
        var ranges = new ArrayList<DirtyRange>();
        long total = 0;
        for (var asked : request.ranges()) {
            DirtyRange range = checked(asked);
            ranges.add(range);
            total += bytes(range);
        }
        log.checkSize(total);
        ByteBuf bitmaps = Unpooled.buffer((int) total);
        for (DirtyRange range : ranges) {
            bitmaps.writeBytes(log.report(memory, range), 0, (int) bytes(range));
        }
        return bitmaps;
    }

    private DirtyRange checked(LegacyRequest.DirtyRange asked) {
        if (asked.pageSize() != PAGE_SIZE) {
            throw LegacyCommands.refused(
                    "pgsize: 0x%x (expected: 0x%x)".formatted(asked.pageSize(), PAGE_SIZE));
        }
        var range = new DirtyRange(asked.iova(), asked.size(), PAGE_SIZE);
        checkMapped(range);
        if (asked.bitmapSize() != bytes(range)) {
            throw LegacyCommands.refused(
                    "bitmap: %s bytes (expected: %d)"
                            .formatted(Long.toUnsignedString(asked.bitmapSize()), bytes(range)));
        }
        return range;
    }

    /// That time's server says ENOTSUP of memory that it does not know.
    private void checkMapped(DirtyRange range) {
        try {
            log.check(memory, range);
        } catch (RequestRejectedException e) {
            if (e.errno().equals(Errno.ENOENT)) {
                throw new RequestRejectedException(Errno.ENOTSUP, String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    /// A bit for each page, in whole bytes.
    private static long bytes(DirtyRange range) {
        long pages = Long.divideUnsigned(range.length() - 1, PAGE_SIZE) + 1;
        return (pages - 1) / Byte.SIZE + 1;
    }
}
