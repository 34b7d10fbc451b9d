package io.vfiouser.codec;

import static io.vfiouser.protocol.LegacyFormat.DMA_ACCESS_SIZE;
import static io.vfiouser.protocol.LegacyFormat.DMA_REGION_FLAGS_AT;
import static io.vfiouser.protocol.LegacyFormat.DMA_REGION_MAPPABLE;
import static io.vfiouser.protocol.LegacyFormat.DMA_REGION_OFFSET_AT;
import static io.vfiouser.protocol.LegacyFormat.DMA_REGION_PROTECTION_AT;
import static io.vfiouser.protocol.LegacyFormat.DMA_REGION_SIZE;
import static io.vfiouser.protocol.LegacyFormat.DMA_REGION_SIZE_AT;
import static io.vfiouser.protocol.WireFormat.DMA_ACCESS_ADDRESS_AT;
import static io.vfiouser.protocol.WireFormat.DMA_ACCESS_COUNT_AT;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaRead;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.DmaWrite;
import io.vfiouser.protocol.LegacyRequest.MapRegion;
import io.vfiouser.protocol.LegacyRequest.MapRegions;
import io.vfiouser.protocol.LegacyRequest.UnmapRegions;
import java.util.ArrayList;
import java.util.List;

/// Payloads of `DMA_MAP`, `DMA_UNMAP`, `DMA_READ` and `DMA_WRITE` in the legacy dialect.
final class LegacyDmaBody {
    private static final int PERMISSIONS = DmaFlags.READ | DmaFlags.WRITE;

    private LegacyDmaBody() {}

    static MapRegions readMap(ByteBuf frame) {
        int count = count(frame);
        var regions = new ArrayList<MapRegion>(count);
        for (int i = 0; i < count; i++) {
            regions.add(readRegion(frame, i * DMA_REGION_SIZE));
        }
        return new MapRegions(regions);
    }

    static void writeMap(ByteBuf out, List<MapRegion> regions) {
        for (MapRegion region : regions) {
            DmaMap map = region.map();
            out.writeLongLE(map.address());
            out.writeLongLE(map.size());
            out.writeLongLE(map.offset());
            out.writeIntLE(map.flags().bits() & PERMISSIONS);
            out.writeIntLE(region.mappable() ? DMA_REGION_MAPPABLE : 0);
        }
    }

    static UnmapRegions readUnmap(ByteBuf frame) {
        int count = count(frame);
        var regions = new ArrayList<DmaUnmap>(count);
        for (int i = 0; i < count; i++) {
            int at = i * DMA_REGION_SIZE;
            regions.add(
                    DmaUnmap.region(Body.u64(frame, at), Body.u64(frame, at + DMA_REGION_SIZE_AT)));
        }
        return new UnmapRegions(regions);
    }

    static void writeUnmap(ByteBuf out, List<DmaUnmap> regions) {
        for (DmaUnmap region : regions) {
            out.writeLongLE(region.address());
            out.writeLongLE(region.size());
            out.writeZero(DMA_REGION_SIZE - DMA_REGION_OFFSET_AT);
        }
    }

    static DmaRead readRead(ByteBuf frame) {
        Body.require(frame, DMA_ACCESS_SIZE);
        return new DmaRead(address(frame), accessCount(frame));
    }

    static DmaWrite readWrite(ByteBuf frame) {
        Body.require(frame, DMA_ACCESS_SIZE);
        long count = accessCount(frame);
        Body.requireExactly(frame, DMA_ACCESS_SIZE, count);
        return new DmaWrite(address(frame), Body.retained(frame, DMA_ACCESS_SIZE, (int) count));
    }

    static void writeAccess(ByteBuf out, long address, long count) {
        out.writeLongLE(address);
        out.writeIntLE((int) count);
    }

    private static MapRegion readRegion(ByteBuf frame, int at) {
        int protection = Body.i32(frame, at + DMA_REGION_PROTECTION_AT);
        int flags = Body.i32(frame, at + DMA_REGION_FLAGS_AT);
        checkBits("prot", protection, PERMISSIONS);
        checkBits("flags", flags, DMA_REGION_MAPPABLE);
        var map =
                new DmaMap(
                        new DmaFlags(protection),
                        Body.u64(frame, at + DMA_REGION_OFFSET_AT),
                        Body.u64(frame, at),
                        Body.u64(frame, at + DMA_REGION_SIZE_AT));
        return new MapRegion(map, flags == DMA_REGION_MAPPABLE);
    }

    private static void checkBits(String name, int bits, int known) {
        if ((bits & ~known) != 0) {
            throw Body.rejected(
                    "%s: 0x%x (expected: bits of 0x%x only)".formatted(name, bits, known));
        }
    }

    private static int count(ByteBuf frame) {
        int length = Body.length(frame);
        if (length % DMA_REGION_SIZE != 0) {
            throw Body.rejected(
                    "payload: %d bytes (expected: a multiple of %d)"
                            .formatted(length, DMA_REGION_SIZE));
        }
        return length / DMA_REGION_SIZE;
    }

    private static long address(ByteBuf frame) {
        return Body.u64(frame, DMA_ACCESS_ADDRESS_AT);
    }

    private static long accessCount(ByteBuf frame) {
        return Body.u32(frame, DMA_ACCESS_COUNT_AT);
    }
}
