package io.vfiouser.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Objects;

/// Reads, writes or probes a feature (spec: "VFIO_USER_DEVICE_FEATURE").
///
/// | field | offset | bytes |
/// |-------|--------|-------|
/// | argsz | 0      | 4     |
/// | flags | 4      | 4     |
/// | data  | 8      | by feature and operation |
///
/// @param argsz bytes of the largest reply payload the client takes, as an unsigned 32-bit number
/// @param flags which feature, and what to do with it
/// @param feature the data
public record DeviceFeature(long argsz, FeatureFlags flags, Feature feature)
        implements ClientRequest {
    /// Checks that `argsz` fits its place, and that `feature` is no reply.
    public DeviceFeature {
        Checks.u32("argsz", argsz);
        Objects.requireNonNull(flags, "flags");
        if (feature instanceof Feature.DmaLoggingBitmap) {
            throw new IllegalArgumentException(
                    "feature: DmaLoggingBitmap (expected: data of a request)");
        }
    }

    @Override
    public int commandId() {
        return Command.DEVICE_FEATURE.id();
    }

    /// The feature as it was read, or the request echoed; same layout.
    ///
    /// @param argsz bytes of this payload
    /// @param flags as in the request
    /// @param feature the data; a [Feature.DmaLoggingBitmap] is owned by this reply
    public record Reply(long argsz, FeatureFlags flags, Feature feature)
            implements ServerReply, BulkMessage {
        /// Checks that `argsz` fits its place.
        public Reply {
            Checks.u32("argsz", argsz);
            Objects.requireNonNull(flags, "flags");
            Objects.requireNonNull(feature, "feature");
        }

        /// The reply to `request` with `feature` as its data, and `argsz` to match.
        public static Reply to(DeviceFeature request, Feature feature) {
            return new Reply(
                    WireFormat.FEATURE_SIZE + (long) feature.wireSize(), request.flags, feature);
        }

        /// The request echoed, as the reply to a `SET` or a `PROBE`.
        public static Reply echo(DeviceFeature request) {
            return new Reply(request.argsz, request.flags, request.feature);
        }

        @Override
        public ByteBuf bulk() {
            return feature instanceof Feature.DmaLoggingBitmap report
                    ? report.bitmap()
                    : Unpooled.EMPTY_BUFFER;
        }
    }
}
