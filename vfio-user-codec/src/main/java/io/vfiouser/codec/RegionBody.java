package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.REGION_ACCESS_COUNT_AT;
import static io.vfiouser.protocol.WireFormat.REGION_ACCESS_OFFSET_AT;
import static io.vfiouser.protocol.WireFormat.REGION_ACCESS_REGION_AT;
import static io.vfiouser.protocol.WireFormat.REGION_ACCESS_SIZE;
import static io.vfiouser.protocol.WireFormat.WRITE_MULTI_DATA_AT;
import static io.vfiouser.protocol.WireFormat.WRITE_MULTI_ENTRY_SIZE;
import static io.vfiouser.protocol.WireFormat.WRITE_MULTI_MAX_COUNT;
import static io.vfiouser.protocol.WireFormat.WRITE_MULTI_SIZE;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.protocol.RegionWriteMulti;
import java.util.ArrayList;

/// Payloads of `REGION_READ`, `REGION_WRITE` and `REGION_WRITE_MULTI`.
final class RegionBody {
    private RegionBody() {}

    static RegionRead readRead(ByteBuf frame) {
        Body.require(frame, REGION_ACCESS_SIZE);
        return new RegionRead(region(frame), offset(frame), count(frame));
    }

    static void writeRead(ByteBuf out, RegionRead read) {
        writeAccess(out, read.region(), read.offset(), read.count());
    }

    static RegionRead.Reply readReadReply(ByteBuf frame) {
        Body.require(frame, REGION_ACCESS_SIZE);
        if (count(frame) > Body.length(frame) - REGION_ACCESS_SIZE) {
            throw Body.rejected(
                    "count: " + count(frame) + " (expected: at most the data in the payload)");
        }
        return new RegionRead.Reply(
                region(frame),
                offset(frame),
                Body.retained(frame, REGION_ACCESS_SIZE, count(frame)));
    }

    static void writeReadReply(ByteBuf out, RegionRead.Reply reply) {
        writeAccess(out, reply.region(), reply.offset(), reply.count());
        Bytes.append(out, reply.data());
    }

    static RegionWrite readWrite(ByteBuf frame) {
        Body.require(frame, REGION_ACCESS_SIZE);
        Body.requireExactly(frame, REGION_ACCESS_SIZE, count(frame));
        return new RegionWrite(
                region(frame),
                offset(frame),
                Body.retained(frame, REGION_ACCESS_SIZE, count(frame)));
    }

    static void writeWrite(ByteBuf out, RegionWrite write) {
        writeAccess(out, write.region(), write.offset(), write.count());
        Bytes.append(out, write.data());
    }

    static RegionWrite.Reply readWriteReply(ByteBuf frame) {
        Body.require(frame, REGION_ACCESS_SIZE);
        return new RegionWrite.Reply(region(frame), offset(frame), count(frame));
    }

    static void writeWriteReply(ByteBuf out, RegionWrite.Reply reply) {
        writeAccess(out, reply.region(), reply.offset(), reply.count());
    }

    static RegionWriteMulti readWriteMulti(ByteBuf frame) {
        Body.require(frame, WRITE_MULTI_SIZE);
        long count = Body.u64(frame, 0);
        int entryBytes = Body.length(frame) - WRITE_MULTI_SIZE;
        if (entryBytes % WRITE_MULTI_ENTRY_SIZE != 0
                || count != entryBytes / WRITE_MULTI_ENTRY_SIZE) {
            throw Body.rejected(
                    "wr_cnt: "
                            + Long.toUnsignedString(count)
                            + " (expected: 24 bytes each in "
                            + entryBytes
                            + ")");
        }
        var writes = new ArrayList<RegionWriteMulti.Write>((int) count);
        for (int i = 0; i < count; i++) {
            writes.add(readEntry(frame, WRITE_MULTI_SIZE + i * WRITE_MULTI_ENTRY_SIZE));
        }
        return new RegionWriteMulti(writes);
    }

    static void writeWriteMulti(ByteBuf out, RegionWriteMulti multi) {
        out.writeLongLE(multi.writes().size());
        for (RegionWriteMulti.Write write : multi.writes()) {
            writeAccess(out, write.region(), write.offset(), write.count());
            out.writeLongLE(write.data());
        }
    }

    static RegionWriteMulti.Reply readWriteMultiReply(ByteBuf frame) {
        Body.require(frame, WRITE_MULTI_SIZE);
        long count = Body.u64(frame, 0);
        if (count < 0) {
            throw Body.rejected(
                    "wr_cnt: "
                            + Long.toUnsignedString(count)
                            + " (expected: writes that were sent)");
        }
        return new RegionWriteMulti.Reply(count);
    }

    static void writeWriteMultiReply(ByteBuf out, RegionWriteMulti.Reply reply) {
        out.writeLongLE(reply.writeCount());
    }

    static void writeAccess(ByteBuf out, int region, long offset, int count) {
        out.writeLongLE(offset);
        out.writeIntLE(region);
        out.writeIntLE(count);
    }

    private static RegionWriteMulti.Write readEntry(ByteBuf frame, int at) {
        int count = Body.u31(frame, at + REGION_ACCESS_COUNT_AT, "count");
        if (count > WRITE_MULTI_MAX_COUNT) {
            throw Body.rejected("count: " + count + " (expected: at most 8)");
        }
        return new RegionWriteMulti.Write(
                Body.u31(frame, at + REGION_ACCESS_REGION_AT, "region"),
                Body.u64(frame, at + REGION_ACCESS_OFFSET_AT),
                count,
                Body.u64(frame, at + WRITE_MULTI_DATA_AT));
    }

    private static int region(ByteBuf frame) {
        return Body.u31(frame, REGION_ACCESS_REGION_AT, "region");
    }

    private static long offset(ByteBuf frame) {
        return Body.u64(frame, REGION_ACCESS_OFFSET_AT);
    }

    private static int count(ByteBuf frame) {
        return Body.u31(frame, REGION_ACCESS_COUNT_AT, "count");
    }
}
