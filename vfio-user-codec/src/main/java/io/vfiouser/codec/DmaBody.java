package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.DMA_ACCESS_ADDRESS_AT;
import static io.vfiouser.protocol.WireFormat.DMA_ACCESS_COUNT_AT;
import static io.vfiouser.protocol.WireFormat.DMA_ACCESS_SIZE;
import static io.vfiouser.protocol.WireFormat.DMA_MAP_ADDRESS_AT;
import static io.vfiouser.protocol.WireFormat.DMA_MAP_OFFSET_AT;
import static io.vfiouser.protocol.WireFormat.DMA_MAP_SIZE;
import static io.vfiouser.protocol.WireFormat.DMA_MAP_SIZE_AT;
import static io.vfiouser.protocol.WireFormat.DMA_UNMAP_ADDRESS_AT;
import static io.vfiouser.protocol.WireFormat.DMA_UNMAP_BITMAP_BYTES_AT;
import static io.vfiouser.protocol.WireFormat.DMA_UNMAP_BITMAP_PAGE_SIZE_AT;
import static io.vfiouser.protocol.WireFormat.DMA_UNMAP_BITMAP_SIZE;
import static io.vfiouser.protocol.WireFormat.DMA_UNMAP_SIZE;
import static io.vfiouser.protocol.WireFormat.DMA_UNMAP_SIZE_AT;
import static io.vfiouser.protocol.WireFormat.DMA_WRITE_NARROW_REPLY_SIZE;
import static io.vfiouser.protocol.WireFormat.FLAGS_AT;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.DmaWrite;

/// Payloads of `DMA_MAP`, `DMA_UNMAP`, `DMA_READ` and `DMA_WRITE`.
final class DmaBody {
    private DmaBody() {}

    static DmaMap readMap(ByteBuf frame) {
        Body.require(frame, DMA_MAP_SIZE);
        Body.argsz(frame, DMA_MAP_SIZE);
        return new DmaMap(
                new DmaFlags(Body.i32(frame, FLAGS_AT)),
                Body.u64(frame, DMA_MAP_OFFSET_AT),
                Body.u64(frame, DMA_MAP_ADDRESS_AT),
                Body.u64(frame, DMA_MAP_SIZE_AT));
    }

    static void writeMap(ByteBuf out, DmaMap map) {
        out.writeIntLE(DMA_MAP_SIZE);
        out.writeIntLE(map.flags().bits());
        out.writeLongLE(map.offset());
        out.writeLongLE(map.address());
        out.writeLongLE(map.size());
    }

    static DmaUnmap readUnmap(ByteBuf frame) {
        Body.require(frame, DMA_UNMAP_SIZE);
        boolean bitmap = (Body.i32(frame, FLAGS_AT) & DmaUnmap.GET_BITMAP) != 0;
        int size = bitmap ? DMA_UNMAP_BITMAP_SIZE : DMA_UNMAP_SIZE;
        Body.require(frame, size);
        return new DmaUnmap(
                Body.argsz(frame, DMA_UNMAP_SIZE),
                Body.i32(frame, FLAGS_AT),
                Body.u64(frame, DMA_UNMAP_ADDRESS_AT),
                Body.u64(frame, DMA_UNMAP_SIZE_AT),
                bitmap ? Body.u64(frame, DMA_UNMAP_BITMAP_PAGE_SIZE_AT) : 0,
                bitmap ? Body.u64(frame, DMA_UNMAP_BITMAP_BYTES_AT) : 0);
    }

    static void writeUnmap(ByteBuf out, DmaUnmap unmap) {
        writeUnmapStart(out, unmap.argsz(), unmap.flags(), unmap.address(), unmap.size());
        if ((unmap.flags() & DmaUnmap.GET_BITMAP) != 0) {
            out.writeLongLE(unmap.bitmapPageSize());
            out.writeLongLE(unmap.bitmapSize());
        }
    }

    static DmaUnmap.Reply readUnmapReply(ByteBuf frame) {
        Body.require(frame, DMA_UNMAP_SIZE);
        int flags = Body.i32(frame, FLAGS_AT);
        long pageSize = 0;
        ByteBuf bitmap = Unpooled.EMPTY_BUFFER;
        if ((flags & DmaUnmap.GET_BITMAP) != 0) {
            Body.require(frame, DMA_UNMAP_BITMAP_SIZE);
            pageSize = Body.u64(frame, DMA_UNMAP_BITMAP_PAGE_SIZE_AT);
            long bytes = Body.u64(frame, DMA_UNMAP_BITMAP_BYTES_AT);
            Body.requireExactly(frame, DMA_UNMAP_BITMAP_SIZE, bytes);
            bitmap = Body.retained(frame, DMA_UNMAP_BITMAP_SIZE, (int) bytes);
        }
        return new DmaUnmap.Reply(
                Body.u32(frame, 0),
                flags,
                Body.u64(frame, DMA_UNMAP_ADDRESS_AT),
                Body.u64(frame, DMA_UNMAP_SIZE_AT),
                pageSize,
                bitmap);
    }

    static void writeUnmapReply(ByteBuf out, DmaUnmap.Reply reply) {
        writeUnmapStart(out, reply.argsz(), reply.flags(), reply.address(), reply.size());
        if ((reply.flags() & DmaUnmap.GET_BITMAP) != 0) {
            out.writeLongLE(reply.bitmapPageSize());
            out.writeLongLE(reply.bitmap().readableBytes());
            Bytes.append(out, reply.bitmap());
        }
    }

    static DmaRead readRead(ByteBuf frame) {
        Body.require(frame, DMA_ACCESS_SIZE);
        return new DmaRead(
                Body.u64(frame, DMA_ACCESS_ADDRESS_AT), Body.u64(frame, DMA_ACCESS_COUNT_AT));
    }

    static void writeRead(ByteBuf out, DmaRead read) {
        writeAccess(out, read.address(), read.count());
    }

    static DmaRead.Reply readReadReply(ByteBuf frame) {
        Body.require(frame, DMA_ACCESS_SIZE);
        return new DmaRead.Reply(
                Body.u64(frame, DMA_ACCESS_ADDRESS_AT),
                Body.u64(frame, DMA_ACCESS_COUNT_AT),
                Body.retained(frame, DMA_ACCESS_SIZE, Body.length(frame) - DMA_ACCESS_SIZE));
    }

    static void writeReadReply(ByteBuf out, DmaRead.Reply reply) {
        writeAccess(out, reply.address(), reply.count());
        Bytes.append(out, reply.data());
    }

    static DmaWrite readWrite(ByteBuf frame) {
        Body.require(frame, DMA_ACCESS_SIZE);
        long count = Body.u64(frame, DMA_ACCESS_COUNT_AT);
        Body.requireExactly(frame, DMA_ACCESS_SIZE, count);
        return new DmaWrite(
                Body.u64(frame, DMA_ACCESS_ADDRESS_AT),
                Body.retained(frame, DMA_ACCESS_SIZE, (int) count));
    }

    static void writeWrite(ByteBuf out, DmaWrite write) {
        writeAccess(out, write.address(), write.count());
        Bytes.append(out, write.data());
    }

    static DmaWrite.Reply readWriteReply(ByteBuf frame) {
        Body.require(frame, DMA_WRITE_NARROW_REPLY_SIZE);
        boolean wide = Body.length(frame) >= DMA_ACCESS_SIZE;
        return new DmaWrite.Reply(
                Body.u64(frame, DMA_ACCESS_ADDRESS_AT),
                wide ? Body.u64(frame, DMA_ACCESS_COUNT_AT) : Body.u32(frame, DMA_ACCESS_COUNT_AT));
    }

    static void writeWriteReply(ByteBuf out, DmaWrite.Reply reply) {
        writeAccess(out, reply.address(), reply.count());
    }

    private static void writeUnmapStart(
            ByteBuf out, long argsz, int flags, long address, long size) {
        out.writeIntLE((int) argsz);
        out.writeIntLE(flags);
        out.writeLongLE(address);
        out.writeLongLE(size);
    }

    private static void writeAccess(ByteBuf out, long address, long count) {
        out.writeLongLE(address);
        out.writeLongLE(count);
    }
}
