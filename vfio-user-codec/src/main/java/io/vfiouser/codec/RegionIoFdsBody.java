package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.ARGSZ_AT;
import static io.vfiouser.protocol.WireFormat.FLAGS_AT;
import static io.vfiouser.protocol.WireFormat.REGION_IO_FDS_COUNT_AT;
import static io.vfiouser.protocol.WireFormat.REGION_IO_FDS_INDEX_AT;
import static io.vfiouser.protocol.WireFormat.REGION_IO_FDS_SIZE;
import static io.vfiouser.protocol.WireFormat.SUB_REGION_SHORT_SIZE;
import static io.vfiouser.protocol.WireFormat.SUB_REGION_SIZE;
import static io.vfiouser.protocol.WireFormat.SUB_REGION_SPEC_SIZE;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.DeviceGetRegionIoFds;
import io.vfiouser.protocol.SubRegionFd;
import java.util.ArrayList;
import java.util.List;

/// Payload of `DEVICE_GET_REGION_IO_FDS`, both ways.
///
/// Entries are written with 48 bytes. The specification has 40, with the value to match in the
/// place of the shadow offset, and an older form 32, without it; a reader learns the size from
/// `argsz` and the number of entries.
final class RegionIoFdsBody {
    private static final int ENTRY_SIZE_AT = 8;
    private static final int ENTRY_FD_INDEX_AT = 16;
    private static final int ENTRY_TYPE_AT = 20;
    private static final int ENTRY_FLAGS_AT = 24;
    private static final int ENTRY_SHADOW_FD_INDEX_AT = 28;
    private static final int ENTRY_SHADOW_OFFSET_AT = 32;
    private static final int ENTRY_DATAMATCH_AT = 40;

    private RegionIoFdsBody() {}

    static DeviceGetRegionIoFds readRequest(ByteBuf frame) {
        Body.require(frame, REGION_IO_FDS_SIZE);
        long argsz = Body.argsz(frame, REGION_IO_FDS_SIZE);
        int flags = Body.i32(frame, FLAGS_AT);
        int count = Body.i32(frame, REGION_IO_FDS_COUNT_AT);
        if (flags != 0 || count != 0) {
            throw Body.rejected(
                    "flags: 0x"
                            + Integer.toHexString(flags)
                            + ", count: "
                            + Integer.toUnsignedString(count)
                            + " (expected: 0, 0)");
        }
        return new DeviceGetRegionIoFds(argsz, Body.u31(frame, REGION_IO_FDS_INDEX_AT, "region"));
    }

    static void writeRequest(ByteBuf out, DeviceGetRegionIoFds request) {
        out.writeIntLE((int) request.argsz());
        out.writeIntLE(0);
        out.writeIntLE(request.region());
        out.writeIntLE(0);
    }

    static DeviceGetRegionIoFds.Reply readReply(ByteBuf frame) {
        Body.require(frame, REGION_IO_FDS_SIZE);
        long argsz = Body.u32(frame, ARGSZ_AT);
        int count = Body.u31(frame, REGION_IO_FDS_COUNT_AT, "count");
        boolean withEntries = count > 0 && Body.length(frame) > REGION_IO_FDS_SIZE;
        return new DeviceGetRegionIoFds.Reply(
                argsz,
                Body.u31(frame, REGION_IO_FDS_INDEX_AT, "region"),
                count,
                withEntries ? readEntries(frame, argsz, count) : List.of());
    }

    static void writeReply(ByteBuf out, DeviceGetRegionIoFds.Reply reply) {
        out.writeIntLE((int) reply.argsz());
        out.writeIntLE(0);
        out.writeIntLE(reply.region());
        out.writeIntLE(reply.count());
        for (SubRegionFd entry : reply.entries()) {
            out.writeLongLE(entry.offset());
            out.writeLongLE(entry.size());
            out.writeIntLE(entry.fdIndex());
            out.writeIntLE(entry.type());
            out.writeIntLE(entry.flags());
            out.writeIntLE(entry.shadowFdIndex());
            out.writeLongLE(entry.shadowOffset());
            out.writeLongLE(entry.datamatch());
        }
    }

    private static List<SubRegionFd> readEntries(ByteBuf frame, long argsz, int count) {
        long room = argsz - REGION_IO_FDS_SIZE;
        long size = room / count;
        boolean known =
                size == SUB_REGION_SIZE
                        || size == SUB_REGION_SPEC_SIZE
                        || size == SUB_REGION_SHORT_SIZE;
        if (!known || room % count != 0 || room > Body.length(frame) - REGION_IO_FDS_SIZE) {
            throw Body.rejected(
                    "argsz: "
                            + argsz
                            + ", count: "
                            + count
                            + " (expected: entries of 48, 40 or 32 bytes in a payload of "
                            + Body.length(frame)
                            + ")");
        }
        var entries = new ArrayList<SubRegionFd>(count);
        for (int i = 0; i < count; i++) {
            entries.add(readEntry(frame, REGION_IO_FDS_SIZE + i * (int) size, (int) size));
        }
        return entries;
    }

    private static SubRegionFd readEntry(ByteBuf frame, int at, int size) {
        int type = Body.i32(frame, at + ENTRY_TYPE_AT);
        boolean full = size == SUB_REGION_SIZE;
        long seventh =
                size == SUB_REGION_SHORT_SIZE ? 0 : Body.u64(frame, at + ENTRY_SHADOW_OFFSET_AT);
        boolean matches = !full && type != SubRegionFd.IOREGIONFD;
        return new SubRegionFd(
                Body.u64(frame, at),
                Body.u64(frame, at + ENTRY_SIZE_AT),
                Body.i32(frame, at + ENTRY_FD_INDEX_AT),
                type,
                Body.i32(frame, at + ENTRY_FLAGS_AT),
                full ? Body.i32(frame, at + ENTRY_SHADOW_FD_INDEX_AT) : 0,
                matches ? 0 : seventh,
                full ? Body.u64(frame, at + ENTRY_DATAMATCH_AT) : matches ? seventh : 0);
    }
}
