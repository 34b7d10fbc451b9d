package io.vfiouser.codec;

import static io.vfiouser.protocol.LegacyFormat.DIRTY_PAGES_GET_BITMAP;
import static io.vfiouser.protocol.LegacyFormat.DIRTY_PAGES_SIZE;
import static io.vfiouser.protocol.LegacyFormat.DIRTY_PAGES_START;
import static io.vfiouser.protocol.LegacyFormat.DIRTY_PAGES_STOP;
import static io.vfiouser.protocol.LegacyFormat.DIRTY_RANGE_BITMAP_SIZE_AT;
import static io.vfiouser.protocol.LegacyFormat.DIRTY_RANGE_PAGE_SIZE_AT;
import static io.vfiouser.protocol.LegacyFormat.DIRTY_RANGE_SIZE;
import static io.vfiouser.protocol.LegacyFormat.DIRTY_RANGE_SIZE_AT;
import static io.vfiouser.protocol.WireFormat.ARGSZ_AT;
import static io.vfiouser.protocol.WireFormat.FLAGS_AT;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.LegacyRequest.DirtyAction;
import io.vfiouser.protocol.LegacyRequest.DirtyPages;
import io.vfiouser.protocol.LegacyRequest.DirtyRange;
import java.util.ArrayList;
import java.util.List;

/// Payload of `DIRTY_PAGES`, which only the legacy dialect has.
final class DirtyPagesBody {
    private DirtyPagesBody() {}

    static DirtyPages read(ByteBuf frame) {
        Body.require(frame, DIRTY_PAGES_SIZE);
        int length = Body.length(frame);
        if (Body.u32(frame, ARGSZ_AT) != length) {
            throw Body.rejected(
                    "argsz: %d (expected: %d, the payload)"
                            .formatted(Body.u32(frame, ARGSZ_AT), length));
        }
        DirtyAction action = action(Body.i32(frame, FLAGS_AT));
        return new DirtyPages(action, action == DirtyAction.GET_BITMAP ? ranges(frame) : List.of());
    }

    static void write(ByteBuf out, DirtyPages pages) {
        out.writeIntLE(DIRTY_PAGES_SIZE + pages.ranges().size() * DIRTY_RANGE_SIZE);
        out.writeIntLE(flags(pages.action()));
        for (DirtyRange range : pages.ranges()) {
            out.writeLongLE(range.iova());
            out.writeLongLE(range.size());
            out.writeLongLE(range.pageSize());
            out.writeLongLE(range.bitmapSize());
            out.writeLongLE(0);
        }
    }

    private static List<DirtyRange> ranges(ByteBuf frame) {
        int bytes = Body.length(frame) - DIRTY_PAGES_SIZE;
        if (bytes == 0 || bytes % DIRTY_RANGE_SIZE != 0) {
            throw Body.rejected(
                    "ranges: %d bytes (expected: a multiple of %d, at least one)"
                            .formatted(bytes, DIRTY_RANGE_SIZE));
        }
        var ranges = new ArrayList<DirtyRange>(bytes / DIRTY_RANGE_SIZE);
        for (int at = DIRTY_PAGES_SIZE; at < Body.length(frame); at += DIRTY_RANGE_SIZE) {
            ranges.add(
                    new DirtyRange(
                            Body.u64(frame, at),
                            Body.u64(frame, at + DIRTY_RANGE_SIZE_AT),
                            Body.u64(frame, at + DIRTY_RANGE_PAGE_SIZE_AT),
                            Body.u64(frame, at + DIRTY_RANGE_BITMAP_SIZE_AT)));
        }
        return ranges;
    }

    private static DirtyAction action(int flags) {
        return switch (flags) {
            case DIRTY_PAGES_START -> DirtyAction.START;
            case DIRTY_PAGES_STOP -> DirtyAction.STOP;
            case DIRTY_PAGES_GET_BITMAP -> DirtyAction.GET_BITMAP;
            default ->
                    throw Body.rejected(
                            "flags: 0x%x (expected: one of START 1, STOP 2, GET_BITMAP 4)"
                                    .formatted(flags));
        };
    }

    private static int flags(DirtyAction action) {
        return switch (action) {
            case START -> DIRTY_PAGES_START;
            case STOP -> DIRTY_PAGES_STOP;
            case GET_BITMAP -> DIRTY_PAGES_GET_BITMAP;
        };
    }
}
