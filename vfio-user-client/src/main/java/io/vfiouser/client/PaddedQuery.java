package io.vfiouser.client;

import io.netty.buffer.ByteBuf;
import io.vfiouser.client.SizedQuery.Step;
import io.vfiouser.codec.MessageEncoder;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.WireFormat;

/// A question for a region that is as long as the room for its answer.
final class PaddedQuery {
    private static final int MAX_SIZE = 4096;
    private static final int LEAST_SIZE = WireFormat.HEADER_SIZE + WireFormat.REGION_INFO_SIZE;

    private PaddedQuery() {}

    /// Writes the message, but for its id; releases `out` if it throws.
    static void encode(ByteBuf out, int region, int size) {
        if (size < LEAST_SIZE || size > MAX_SIZE) {
            out.release();
            throw new IllegalArgumentException(
                    "messageSize: %d (expected: %d to %d)".formatted(size, LEAST_SIZE, MAX_SIZE));
        }
        var request = new DeviceGetRegionInfo(size - WireFormat.HEADER_SIZE, region);
        MessageEncoder.encode(out, 0, request, false);
        out.writeZero(size - out.readableBytes());
        out.setIntLE(out.readerIndex() + WireFormat.HEADER_MESSAGE_SIZE_AT, size);
    }

    /// The answer, which has to be there at once.
    static RegionInfo whole(Step<RegionInfo> step) {
        return switch (step) {
            case Step.Done<RegionInfo>(RegionInfo info) -> info;
            case Step.Again<RegionInfo>(long needed) ->
                    throw new MalformedReplyException(
                            "DEVICE_GET_REGION_INFO: argsz %d in the reply (expected: the whole reply)"
                                    .formatted(needed));
        };
    }
}
