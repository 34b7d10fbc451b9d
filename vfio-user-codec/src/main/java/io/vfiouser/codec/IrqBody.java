package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.FLAGS_AT;
import static io.vfiouser.protocol.WireFormat.IRQ_DATA_BOOL;
import static io.vfiouser.protocol.WireFormat.IRQ_DATA_EVENTFD;
import static io.vfiouser.protocol.WireFormat.IRQ_DATA_NONE;
import static io.vfiouser.protocol.WireFormat.IRQ_INFO_COUNT_AT;
import static io.vfiouser.protocol.WireFormat.IRQ_INFO_INDEX_AT;
import static io.vfiouser.protocol.WireFormat.IRQ_INFO_SIZE;
import static io.vfiouser.protocol.WireFormat.SET_IRQS_COUNT_AT;
import static io.vfiouser.protocol.WireFormat.SET_IRQS_INDEX_AT;
import static io.vfiouser.protocol.WireFormat.SET_IRQS_SIZE;
import static io.vfiouser.protocol.WireFormat.SET_IRQS_START_AT;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.DeviceGetIrqInfo;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.IrqAction;
import io.vfiouser.protocol.IrqData;
import io.vfiouser.protocol.IrqFlags;

/// Payloads of `DEVICE_GET_IRQ_INFO` and `DEVICE_SET_IRQS`.
final class IrqBody {
    private IrqBody() {}

    static DeviceGetIrqInfo readGetInfo(ByteBuf frame) {
        Body.require(frame, IRQ_INFO_SIZE);
        return new DeviceGetIrqInfo(
                Body.argsz(frame, IRQ_INFO_SIZE), Body.u31(frame, IRQ_INFO_INDEX_AT, "index"));
    }

    static void writeGetInfo(ByteBuf out, DeviceGetIrqInfo request) {
        out.writeIntLE((int) request.argsz());
        out.writeIntLE(0);
        out.writeIntLE(request.index());
        out.writeIntLE(0);
    }

    static DeviceGetIrqInfo.Reply readGetInfoReply(ByteBuf frame) {
        Body.require(frame, IRQ_INFO_SIZE);
        return new DeviceGetIrqInfo.Reply(
                new IrqFlags(Body.i32(frame, FLAGS_AT)),
                Body.u31(frame, IRQ_INFO_INDEX_AT, "index"),
                Body.u31(frame, IRQ_INFO_COUNT_AT, "count"));
    }

    static void writeGetInfoReply(ByteBuf out, DeviceGetIrqInfo.Reply reply) {
        out.writeIntLE(IRQ_INFO_SIZE);
        out.writeIntLE(reply.flags().bits());
        out.writeIntLE(reply.index());
        out.writeIntLE(reply.count());
    }

    static DeviceSetIrqs readSet(ByteBuf frame) {
        Body.require(frame, SET_IRQS_SIZE);
        Body.argsz(frame, SET_IRQS_SIZE);
        int flags = Body.i32(frame, FLAGS_AT);
        IrqAction action = action(flags);
        IrqData data = data(frame, flags & ~action.bit());
        return new DeviceSetIrqs(
                Body.u31(frame, SET_IRQS_INDEX_AT, "index"),
                Body.u31(frame, SET_IRQS_START_AT, "start"),
                Body.u31(frame, SET_IRQS_COUNT_AT, "count"),
                action,
                data);
    }

    static void writeSet(ByteBuf out, DeviceSetIrqs set) {
        int dataSize = set.data() instanceof IrqData.Bool bool ? bool.count() : 0;
        out.writeIntLE(SET_IRQS_SIZE + dataSize);
        out.writeIntLE(set.action().bit() | set.data().bit());
        out.writeIntLE(set.index());
        out.writeIntLE(set.start());
        out.writeIntLE(set.count());
        if (set.data() instanceof IrqData.Bool bool) {
            Bytes.append(out, bool.bytes());
        }
    }

    private static IrqAction action(int flags) {
        int dataBits = IRQ_DATA_NONE | IRQ_DATA_BOOL | IRQ_DATA_EVENTFD;
        for (IrqAction action : IrqAction.values()) {
            if ((flags & ~dataBits) == action.bit()) {
                return action;
            }
        }
        throw Body.rejected(
                "flags: 0x"
                        + Integer.toHexString(flags)
                        + " (expected: one action, 8, 0x10, 0x20)");
    }

    private static IrqData data(ByteBuf frame, int bits) {
        return switch (bits) {
            case IRQ_DATA_NONE -> new IrqData.None();
            case IRQ_DATA_EVENTFD -> new IrqData.Eventfd();
            case IRQ_DATA_BOOL -> {
                int count = Body.u31(frame, SET_IRQS_COUNT_AT, "count");
                Body.requireExactly(frame, SET_IRQS_SIZE, count);
                yield new IrqData.Bool(Body.view(frame, SET_IRQS_SIZE, count));
            }
            default ->
                    throw Body.rejected(
                            "flags: data bits 0x"
                                    + Integer.toHexString(bits)
                                    + " (expected: one of 1, 2, 4)");
        };
    }
}
