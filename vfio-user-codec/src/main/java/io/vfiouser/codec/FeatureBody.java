package io.vfiouser.codec;

import static io.vfiouser.protocol.WireFormat.ARGSZ_AT;
import static io.vfiouser.protocol.WireFormat.FEATURE_DMA_LOGGING_REPORT;
import static io.vfiouser.protocol.WireFormat.FEATURE_DMA_LOGGING_START;
import static io.vfiouser.protocol.WireFormat.FEATURE_DMA_LOGGING_STOP;
import static io.vfiouser.protocol.WireFormat.FEATURE_LOGGING_RANGE_SIZE;
import static io.vfiouser.protocol.WireFormat.FEATURE_LOGGING_SIZE;
import static io.vfiouser.protocol.WireFormat.FEATURE_MIGRATION;
import static io.vfiouser.protocol.WireFormat.FEATURE_MIGRATION_SIZE;
import static io.vfiouser.protocol.WireFormat.FEATURE_MIG_DEVICE_STATE;
import static io.vfiouser.protocol.WireFormat.FEATURE_REPORT_SIZE;
import static io.vfiouser.protocol.WireFormat.FEATURE_SIZE;
import static io.vfiouser.protocol.WireFormat.FEATURE_STATE_SIZE;
import static io.vfiouser.protocol.WireFormat.FLAGS_AT;

import io.netty.buffer.ByteBuf;
import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.Feature;
import io.vfiouser.protocol.FeatureFlags;
import io.vfiouser.protocol.MigrationState;
import java.util.ArrayList;

/// Payload of `DEVICE_FEATURE`, both ways.
///
/// Which data to expect follows from feature and operation. Those of a probe are kept as they come,
/// because the reply echoes them.
final class FeatureBody {
    private static final int DATA_AT = FEATURE_SIZE;

    private FeatureBody() {}

    static DeviceFeature readRequest(ByteBuf frame) {
        Body.require(frame, FEATURE_SIZE);
        long argsz = Body.argsz(frame, FEATURE_SIZE);
        var flags = new FeatureFlags(Body.i32(frame, FLAGS_AT));
        return new DeviceFeature(argsz, flags, requestData(frame, flags));
    }

    static void writeRequest(ByteBuf out, DeviceFeature request) {
        out.writeIntLE((int) request.argsz());
        out.writeIntLE(request.flags().bits());
        writeData(out, request.feature());
    }

    static DeviceFeature.Reply readReply(ByteBuf frame) {
        Body.require(frame, FEATURE_SIZE);
        var flags = new FeatureFlags(Body.i32(frame, FLAGS_AT));
        return new DeviceFeature.Reply(Body.u32(frame, ARGSZ_AT), flags, replyData(frame, flags));
    }

    static void writeReply(ByteBuf out, DeviceFeature.Reply reply) {
        out.writeIntLE((int) reply.argsz());
        out.writeIntLE(reply.flags().bits());
        writeData(out, reply.feature());
    }

    private static Feature requestData(ByteBuf frame, FeatureFlags flags) {
        if (reads(flags) && flags.feature() == FEATURE_DMA_LOGGING_REPORT) {
            Body.require(frame, DATA_AT + FEATURE_REPORT_SIZE);
            return new Feature.DmaLoggingReport(
                    Body.u64(frame, DATA_AT),
                    Body.u64(frame, DATA_AT + Long.BYTES),
                    Body.u64(frame, DATA_AT + 2 * Long.BYTES));
        }
        return writes(flags) ? writtenData(frame, flags) : otherData(frame);
    }

    private static Feature replyData(ByteBuf frame, FeatureFlags flags) {
        if (Body.length(frame) == FEATURE_SIZE) {
            return new Feature.None();
        }
        if (!reads(flags)) {
            return writes(flags) ? writtenData(frame, flags) : otherData(frame);
        }
        return switch (flags.feature()) {
            case FEATURE_MIGRATION -> {
                Body.require(frame, DATA_AT + FEATURE_MIGRATION_SIZE);
                yield new Feature.Migration(Body.u64(frame, DATA_AT));
            }
            case FEATURE_MIG_DEVICE_STATE -> readState(frame);
            case FEATURE_DMA_LOGGING_REPORT -> readBitmap(frame);
            default -> otherData(frame);
        };
    }

    private static Feature writtenData(ByteBuf frame, FeatureFlags flags) {
        return switch (flags.feature()) {
            case FEATURE_MIG_DEVICE_STATE -> readState(frame);
            case FEATURE_DMA_LOGGING_START -> readStart(frame);
            case FEATURE_DMA_LOGGING_STOP -> new Feature.DmaLoggingStop(dataView(frame));
            default -> otherData(frame);
        };
    }

    private static Feature readState(ByteBuf frame) {
        Body.require(frame, DATA_AT + FEATURE_STATE_SIZE);
        int number = Body.i32(frame, DATA_AT);
        MigrationState state =
                MigrationState.of(number)
                        .orElseThrow(() ->
                                Body.rejected(
                                        "device_state: "
                                                + Integer.toUnsignedString(number)
                                                + " (expected: 0 to 7)"));
        return new Feature.MigDeviceState(state, Body.i32(frame, DATA_AT + Integer.BYTES));
    }

    private static Feature readStart(ByteBuf frame) {
        Body.require(frame, DATA_AT + FEATURE_LOGGING_SIZE);
        int first = DATA_AT + FEATURE_LOGGING_SIZE;
        long count = Body.u32(frame, DATA_AT + Long.BYTES);
        int room = (Body.length(frame) - first) / FEATURE_LOGGING_RANGE_SIZE;
        if (count > room) {
            throw Body.rejected("num_ranges: " + count + " (expected: at most " + room + ")");
        }
        var ranges = new ArrayList<Feature.DmaLoggingStart.Range>((int) count);
        for (int i = 0; i < count; i++) {
            int at = first + i * FEATURE_LOGGING_RANGE_SIZE;
            ranges.add(
                    new Feature.DmaLoggingStart.Range(
                            Body.u64(frame, at), Body.u64(frame, at + Long.BYTES)));
        }
        return new Feature.DmaLoggingStart(Body.u64(frame, DATA_AT), ranges);
    }

    private static Feature readBitmap(ByteBuf frame) {
        int bitmapAt = DATA_AT + FEATURE_REPORT_SIZE;
        Body.require(frame, bitmapAt);
        return new Feature.DmaLoggingBitmap(
                Body.u64(frame, DATA_AT),
                Body.u64(frame, DATA_AT + Long.BYTES),
                Body.u64(frame, DATA_AT + 2 * Long.BYTES),
                Body.retained(frame, bitmapAt, Body.length(frame) - bitmapAt));
    }

    private static Feature otherData(ByteBuf frame) {
        ByteBuf data = dataView(frame);
        return data.isReadable() ? new Feature.Unknown(data) : new Feature.None();
    }

    private static ByteBuf dataView(ByteBuf frame) {
        return Body.view(frame, DATA_AT, Body.length(frame) - DATA_AT);
    }

    private static boolean reads(FeatureFlags flags) {
        return flags.isGet() && !flags.isSet() && !flags.isProbe();
    }

    private static boolean writes(FeatureFlags flags) {
        return flags.isSet() && !flags.isGet() && !flags.isProbe();
    }

    private static void writeData(ByteBuf out, Feature feature) {
        switch (feature) {
            case Feature.None() -> {}
            case Feature.Migration(long flags) -> out.writeLongLE(flags);
            case Feature.MigDeviceState(MigrationState state, int dataFd) -> {
                out.writeIntLE(state.number());
                out.writeIntLE(dataFd);
            }
            case Feature.DmaLoggingStart(long pageSize, var ranges) -> {
                out.writeLongLE(pageSize);
                out.writeIntLE(ranges.size());
                out.writeIntLE(0);
                for (Feature.DmaLoggingStart.Range range : ranges) {
                    out.writeLongLE(range.iova());
                    out.writeLongLE(range.length());
                }
            }
            case Feature.DmaLoggingStop(ByteBuf data) -> Bytes.append(out, data);
            case Feature.DmaLoggingReport(long iova, long length, long pageSize) ->
                    writeReport(out, iova, length, pageSize);
            case Feature.DmaLoggingBitmap(
                            long iova,
                            long length,
                            long pageSize,
                            ByteBuf bitmap) -> {
                writeReport(out, iova, length, pageSize);
                Bytes.append(out, bitmap);
            }
            case Feature.Unknown(ByteBuf data) -> Bytes.append(out, data);
        }
    }

    private static void writeReport(ByteBuf out, long iova, long length, long pageSize) {
        out.writeLongLE(iova);
        out.writeLongLE(length);
        out.writeLongLE(pageSize);
    }
}
