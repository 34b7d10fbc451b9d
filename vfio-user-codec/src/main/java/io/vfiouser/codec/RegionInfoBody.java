package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.ARGSZ_AT;
import static io.vfiouser.protocol.WireFormat.FLAGS_AT;
import static io.vfiouser.protocol.WireFormat.REGION_INFO_CAPABILITIES_AT;
import static io.vfiouser.protocol.WireFormat.REGION_INFO_INDEX_AT;
import static io.vfiouser.protocol.WireFormat.REGION_INFO_OFFSET_AT;
import static io.vfiouser.protocol.WireFormat.REGION_INFO_SIZE;
import static io.vfiouser.protocol.WireFormat.REGION_INFO_SIZE_AT;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.RegionCapability;
import io.vfiouser.protocol.RegionFlags;
import java.util.List;

/// Payload of `DEVICE_GET_REGION_INFO`, both ways.
final class RegionInfoBody {
    private RegionInfoBody() {}

    static DeviceGetRegionInfo readRequest(ByteBuf frame) {
        Body.require(frame, REGION_INFO_SIZE);
        return new DeviceGetRegionInfo(
                Body.argsz(frame, REGION_INFO_SIZE),
                Body.u31(frame, REGION_INFO_INDEX_AT, "region"));
    }

    static void writeRequest(ByteBuf out, DeviceGetRegionInfo request) {
        out.writeIntLE((int) request.argsz());
        out.writeIntLE(0);
        out.writeIntLE(request.region());
        out.writeZero(REGION_INFO_SIZE - REGION_INFO_CAPABILITIES_AT);
    }

    static DeviceGetRegionInfo.Reply readReply(ByteBuf frame) {
        Body.require(frame, REGION_INFO_SIZE);
        var flags = new RegionFlags(Body.i32(frame, FLAGS_AT));
        long first = Body.u32(frame, REGION_INFO_CAPABILITIES_AT);
        // A server of 2021 sets the flag even if it sends no capability.
        List<RegionCapability> capabilities =
                flags.hasCapabilities() && first != 0
                        ? CapabilityChain.read(frame, first)
                        : List.of();
        return new DeviceGetRegionInfo.Reply(
                Body.u32(frame, ARGSZ_AT),
                Body.u31(frame, REGION_INFO_INDEX_AT, "region"),
                flags,
                Body.u64(frame, REGION_INFO_SIZE_AT),
                Body.u64(frame, REGION_INFO_OFFSET_AT),
                capabilities);
    }

    static void writeReply(ByteBuf out, DeviceGetRegionInfo.Reply reply) {
        out.writeIntLE((int) reply.argsz());
        out.writeIntLE(reply.flags().bits());
        out.writeIntLE(reply.region());
        out.writeIntLE(reply.capabilities().isEmpty() ? 0 : REGION_INFO_SIZE);
        out.writeLongLE(reply.size());
        out.writeLongLE(reply.offset());
        CapabilityChain.write(out, reply.capabilities());
    }
}
