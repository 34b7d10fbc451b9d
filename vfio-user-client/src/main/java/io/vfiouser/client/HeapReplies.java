package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.DeviceGetIrqInfo;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DeviceGetRegionIoFds;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.Feature;
import io.vfiouser.protocol.MigDataRead;
import io.vfiouser.protocol.PayloadReply;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.protocol.RegionWriteMulti;
import io.vfiouser.protocol.ServerReply;
import io.vfiouser.protocol.Version;

/// Copies what replies carry out of the receive buffer, so that nobody need release it.
final class HeapReplies {
    private HeapReplies() {}

    /// The same reply with data of its own on the heap; the very same one if it carries none.
    static ServerReply copy(ServerReply reply) {
        return switch (reply) {
            case RegionRead.Reply read ->
                    new RegionRead.Reply(read.region(), read.offset(), copy(read.data()));
            case MigDataRead.Reply read -> new MigDataRead.Reply(copy(read.data()));
            case DeviceFeature.Reply feature -> copy(feature);
            case PayloadReply laidOut -> new PayloadReply(copy(laidOut.payload()));
            case DmaUnmap.Reply unmap ->
                    new DmaUnmap.Reply(
                            unmap.argsz(),
                            unmap.flags(),
                            unmap.address(),
                            unmap.size(),
                            unmap.bitmapPageSize(),
                            copy(unmap.bitmap()));
            case Version.Reply _,
                    DeviceGetInfo.Reply _,
                    DeviceGetRegionInfo.Reply _,
                    DeviceGetRegionIoFds.Reply _,
                    DeviceGetIrqInfo.Reply _,
                    RegionWrite.Reply _,
                    RegionWriteMulti.Reply _,
                    EmptyReply _,
                    ErrorReply _ ->
                    reply;
        };
    }

    /// The same reply with a dirty bitmap of its own on the heap, if it has one.
    static DeviceFeature.Reply copy(DeviceFeature.Reply reply) {
        if (!(reply.feature() instanceof Feature.DmaLoggingBitmap bitmap)) {
            return reply;
        }
        var copy =
                new Feature.DmaLoggingBitmap(
                        bitmap.iova(), bitmap.length(), bitmap.pageSize(), copy(bitmap.bitmap()));
        return new DeviceFeature.Reply(reply.argsz(), reply.flags(), copy);
    }

    private static ByteBuf copy(ByteBuf data) {
        return Unpooled.wrappedBuffer(ByteBufUtil.getBytes(data));
    }
}
