package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.DEVICE_INFO_IRQS_AT;
import static io.vfiouser.protocol.WireFormat.DEVICE_INFO_REGIONS_AT;
import static io.vfiouser.protocol.WireFormat.DEVICE_INFO_SIZE;
import static io.vfiouser.protocol.WireFormat.FLAGS_AT;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.DeviceGetInfo;

/// Payload of `DEVICE_GET_INFO`, both ways.
final class DeviceBody {
    private DeviceBody() {}

    static DeviceGetInfo readGetInfo(ByteBuf frame) {
        Body.require(frame, DEVICE_INFO_SIZE);
        return new DeviceGetInfo(Body.argsz(frame, DEVICE_INFO_SIZE));
    }

    static void writeGetInfo(ByteBuf out, DeviceGetInfo request) {
        out.writeIntLE((int) request.argsz());
        out.writeZero(DEVICE_INFO_SIZE - FLAGS_AT);
    }

    static DeviceGetInfo.Reply readGetInfoReply(ByteBuf frame) {
        Body.require(frame, DEVICE_INFO_SIZE);
        return new DeviceGetInfo.Reply(
                Body.i32(frame, FLAGS_AT),
                Body.u31(frame, DEVICE_INFO_REGIONS_AT, "num_regions"),
                Body.u31(frame, DEVICE_INFO_IRQS_AT, "num_irqs"));
    }

    static void writeGetInfoReply(ByteBuf out, DeviceGetInfo.Reply reply) {
        out.writeIntLE(DEVICE_INFO_SIZE);
        out.writeIntLE(reply.flags());
        out.writeIntLE(reply.regionCount());
        out.writeIntLE(reply.irqCount());
    }
}
