package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.CAPABILITY_BODY_AT;
import static io.vfiouser.protocol.WireFormat.CAPABILITY_HEADER_SIZE;
import static io.vfiouser.protocol.WireFormat.CAPABILITY_NEXT_AT;
import static io.vfiouser.protocol.WireFormat.CAPABILITY_SPARSE_MMAP;
import static io.vfiouser.protocol.WireFormat.CAPABILITY_TYPE;
import static io.vfiouser.protocol.WireFormat.CAPABILITY_VERSION_AT;
import static io.vfiouser.protocol.WireFormat.REGION_INFO_SIZE;
import static io.vfiouser.protocol.WireFormat.SPARSE_MMAP_AREA_SIZE;
import static io.vfiouser.protocol.WireFormat.SPARSE_MMAP_SIZE;
import static io.vfiouser.protocol.WireFormat.TYPE_CAPABILITY_SIZE;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.RegionCapability;
import io.vfiouser.protocol.SparseMmapArea;
import java.util.ArrayList;
import java.util.List;

/// The capabilities behind a region info, linked by offsets from the start of the payload.
///
/// A chain must move forward, so that it ends; a known capability must lie inside the payload
/// whole, and an unknown one reaches to the next.
final class CapabilityChain {
    private static final int VERSION = 1;

    private CapabilityChain() {}

    static List<RegionCapability> read(ByteBuf frame, long first) {
        var capabilities = new ArrayList<RegionCapability>();
        long at = first;
        long earliest = REGION_INFO_SIZE;
        while (at != 0) {
            if (at < earliest || at > Body.length(frame) - CAPABILITY_HEADER_SIZE) {
                throw Body.rejected(
                        "capability offset: 0x"
                                + Long.toHexString(at)
                                + " (expected: 0x"
                                + Long.toHexString(earliest)
                                + " to 0x"
                                + Integer.toHexString(Body.length(frame) - CAPABILITY_HEADER_SIZE)
                                + ")");
            }
            long next = Body.u32(frame, (int) at + CAPABILITY_NEXT_AT);
            capabilities.add(readOne(frame, (int) at, next));
            earliest = at + CAPABILITY_HEADER_SIZE;
            at = next;
        }
        return capabilities;
    }

    static void write(ByteBuf out, List<RegionCapability> capabilities) {
        int at = REGION_INFO_SIZE;
        for (int i = 0; i < capabilities.size(); i++) {
            RegionCapability capability = capabilities.get(i);
            at = Math.addExact(at, capability.wireSize());
            writeOne(out, capability, i + 1 < capabilities.size() ? at : 0);
        }
    }

    private static RegionCapability readOne(ByteBuf frame, int at, long next) {
        int id = Body.u16(frame, at);
        int version = Body.u16(frame, at + CAPABILITY_VERSION_AT);
        if (version == VERSION && id == CAPABILITY_SPARSE_MMAP) {
            return readSparseMmap(frame, at);
        }
        if (version == VERSION && id == CAPABILITY_TYPE) {
            Body.require(frame, at + TYPE_CAPABILITY_SIZE);
            return new RegionCapability.Type(
                    Body.i32(frame, at + CAPABILITY_BODY_AT),
                    Body.i32(frame, at + CAPABILITY_BODY_AT + Integer.BYTES));
        }
        int start = at + CAPABILITY_HEADER_SIZE;
        long end = next >= start && next <= Body.length(frame) ? next : Body.length(frame);
        return new RegionCapability.Unknown(
                id, version, Body.view(frame, start, (int) end - start));
    }

    private static RegionCapability readSparseMmap(ByteBuf frame, int at) {
        Body.require(frame, at + SPARSE_MMAP_SIZE);
        long count = Body.u32(frame, at + CAPABILITY_BODY_AT);
        int room = (Body.length(frame) - at - SPARSE_MMAP_SIZE) / SPARSE_MMAP_AREA_SIZE;
        if (count > room) {
            throw Body.rejected("nr_areas: " + count + " (expected: at most " + room + ")");
        }
        var areas = new ArrayList<SparseMmapArea>((int) count);
        for (int i = 0; i < count; i++) {
            int area = at + SPARSE_MMAP_SIZE + i * SPARSE_MMAP_AREA_SIZE;
            areas.add(
                    new SparseMmapArea(Body.u64(frame, area), Body.u64(frame, area + Long.BYTES)));
        }
        return new RegionCapability.SparseMmap(areas);
    }

    private static void writeOne(ByteBuf out, RegionCapability capability, int next) {
        switch (capability) {
            case RegionCapability.SparseMmap(var areas) -> {
                writeHeader(out, CAPABILITY_SPARSE_MMAP, VERSION, next);
                out.writeIntLE(areas.size());
                out.writeIntLE(0);
                for (SparseMmapArea area : areas) {
                    out.writeLongLE(area.offset());
                    out.writeLongLE(area.size());
                }
            }
            case RegionCapability.Type(int type, int subtype) -> {
                writeHeader(out, CAPABILITY_TYPE, VERSION, next);
                out.writeIntLE(type);
                out.writeIntLE(subtype);
            }
            case RegionCapability.Unknown(int id, int version, ByteBuf body) -> {
                writeHeader(out, id, version, next);
                Bytes.append(out, body);
            }
        }
    }

    private static void writeHeader(ByteBuf out, int id, int version, int next) {
        out.writeShortLE(id);
        out.writeShortLE(version);
        out.writeIntLE(next);
    }
}
