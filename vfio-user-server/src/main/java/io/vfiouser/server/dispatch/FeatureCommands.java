package io.vfiouser.server.dispatch;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.Feature;
import io.vfiouser.protocol.FeatureFlags;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.dma.DirtyLog;
import io.vfiouser.server.dma.DirtyRange;
import io.vfiouser.server.dma.DmaTable;
import io.vfiouser.server.migration.MigrationMachine;

/// DEVICE_FEATURE: migration states and the dirty page log (spec: "VFIO_USER_DEVICE_FEATURE").
///
/// A device that cannot migrate has no features, the dirty page log included: it is there for
/// migration only, and a client takes any feature as a sign of it.
public final class FeatureCommands {
    private static final int OPERATIONS =
            WireFormat.FEATURE_GET | WireFormat.FEATURE_SET | WireFormat.FEATURE_PROBE;

    private final MigrationMachine migration;
    private final DirtyLog log;
    private final DmaTable memory;
    private final QuietPeriod quiet;

    /// The features of one session.
    public FeatureCommands(
            MigrationMachine migration, DirtyLog log, DmaTable memory, DeviceCalls device) {
        this.migration = migration;
        this.log = log;
        this.memory = memory;
        this.quiet = new QuietPeriod(memory, device);
    }

    Answer run(DeviceFeature request) {
        FeatureFlags flags = request.flags();
        checkOperation(flags);
        if (flags.isProbe()) {
            return Answer.now(echo(request));
        }
        return flags.isGet() ? Answer.now(get(request)) : set(request);
    }

    private DeviceFeature.Reply get(DeviceFeature request) {
        return switch (request.flags().feature()) {
            case WireFormat.FEATURE_MIGRATION ->
                    fitting(request, new Feature.Migration(abilities()));
            case WireFormat.FEATURE_MIG_DEVICE_STATE ->
                    fitting(request, new Feature.MigDeviceState(migration.state(), 0));
            default -> report(request);
        };
    }

    private long abilities() {
        return Feature.Migration.STOP_COPY
                | (migration.hasPreCopy() ? Feature.Migration.PRE_COPY : 0);
    }

    private DeviceFeature.Reply report(DeviceFeature request) {
        if (!(request.feature()
                instanceof Feature.DmaLoggingReport(var iova, var length, var page))) {
            throw unexpected(request);
        }
        var range = new DirtyRange(iova, length, page);
        int fixed = WireFormat.FEATURE_SIZE + WireFormat.FEATURE_REPORT_SIZE;
        checkArgsz(request, fixed + (long) log.check(memory, range));
        ByteBuf bitmap = Unpooled.wrappedBuffer(log.report(memory, range));
        return DeviceFeature.Reply.to(
                request, new Feature.DmaLoggingBitmap(iova, length, page, bitmap));
    }

    private Answer set(DeviceFeature request) {
        checkEchoFits(request);
        return switch (request.feature()) {
            case Feature.MigDeviceState wanted -> change(request, wanted);
            case Feature.DmaLoggingStart start -> {
                long pageSize = log.start(start.pageSize(), start.ranges());
                var logged = new Feature.DmaLoggingStart(pageSize, start.ranges());
                yield Answer.now(new DeviceFeature.Reply(request.argsz(), request.flags(), logged));
            }
            case Feature.DmaLoggingStop _ -> {
                log.stop(memory);
                yield Answer.now(DeviceFeature.Reply.echo(request));
            }
            default -> throw unexpected(request);
        };
    }

    private Answer change(DeviceFeature request, Feature.MigDeviceState wanted) {
        Completion done = quiet.during(() -> migration.change(wanted.state()));
        DeviceFeature.Reply reply = DeviceFeature.Reply.echo(request);
        return switch (done) {
            case Completion.Done _ -> Answer.now(reply);
            case Completion.Pending(var stage) -> new Answer.Later(stage.thenApply(_ -> reply));
        };
    }

    private void checkOperation(FeatureFlags flags) {
        int known = migration.isSupported() ? operations(flags.feature()) : 0;
        int asked = flags.bits() & ~WireFormat.FEATURE_NUMBER_MASK;
        int wanted = asked & ~WireFormat.FEATURE_PROBE;
        boolean one = Integer.bitCount(wanted) == 1;
        if (known == 0
                || (asked & ~OPERATIONS) != 0
                || (wanted & ~known) != 0
                || (!one && !flags.isProbe())) {
            throw refused(
                    "feature flags: 0x%x (expected: %s)"
                            .formatted(
                                    flags.bits(),
                                    migration.isSupported()
                                            ? "an operation that the feature has"
                                            : "a device that can migrate"));
        }
    }

    private static int operations(int feature) {
        return switch (feature) {
            case WireFormat.FEATURE_MIGRATION, WireFormat.FEATURE_DMA_LOGGING_REPORT ->
                    WireFormat.FEATURE_GET;
            case WireFormat.FEATURE_MIG_DEVICE_STATE ->
                    WireFormat.FEATURE_GET | WireFormat.FEATURE_SET;
            case WireFormat.FEATURE_DMA_LOGGING_START, WireFormat.FEATURE_DMA_LOGGING_STOP ->
                    WireFormat.FEATURE_SET;
            default -> 0;
        };
    }

    private static DeviceFeature.Reply echo(DeviceFeature request) {
        checkEchoFits(request);
        return DeviceFeature.Reply.echo(request);
    }

    private static DeviceFeature.Reply fitting(DeviceFeature request, Feature data) {
        DeviceFeature.Reply reply = DeviceFeature.Reply.to(request, data);
        checkArgsz(request, reply.argsz());
        return reply;
    }

    private static void checkEchoFits(DeviceFeature request) {
        checkArgsz(request, WireFormat.FEATURE_SIZE + (long) request.feature().wireSize());
    }

    private static void checkArgsz(DeviceFeature request, long needed) {
        if (request.argsz() < needed) {
            throw refused("argsz: " + request.argsz() + " (expected: at least " + needed + ")");
        }
    }

    private static RequestRejectedException unexpected(DeviceFeature request) {
        return refused(
                "feature flags: 0x%x with %s (expected: the data of that feature)"
                        .formatted(
                                request.flags().bits(),
                                request.feature().getClass().getSimpleName()));
    }

    private static RequestRejectedException refused(String message) {
        return new RequestRejectedException(Errno.EINVAL, message);
    }
}
