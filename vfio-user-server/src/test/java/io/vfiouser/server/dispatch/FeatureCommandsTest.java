package io.vfiouser.server.dispatch;

import static io.vfiouser.protocol.WireFormat.FEATURE_DMA_LOGGING_REPORT;
import static io.vfiouser.protocol.WireFormat.FEATURE_DMA_LOGGING_START;
import static io.vfiouser.protocol.WireFormat.FEATURE_DMA_LOGGING_STOP;
import static io.vfiouser.protocol.WireFormat.FEATURE_GET;
import static io.vfiouser.protocol.WireFormat.FEATURE_MIGRATION;
import static io.vfiouser.protocol.WireFormat.FEATURE_MIG_DEVICE_STATE;
import static io.vfiouser.protocol.WireFormat.FEATURE_PROBE;
import static io.vfiouser.protocol.WireFormat.FEATURE_SET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.memory.AccessMode;
import io.vfiouser.device.memory.Lease;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.Feature;
import io.vfiouser.protocol.FeatureFlags;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.server.dma.DirtyLog;
import io.vfiouser.server.dma.DmaRegion;
import io.vfiouser.server.dma.DmaTable;
import io.vfiouser.server.dma.GuestMemoryView;
import io.vfiouser.server.dma.PeerMemory;
import io.vfiouser.server.migration.MigrationListener;
import io.vfiouser.server.migration.MigrationMachine;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureCommandsTest {
    private static final long BASE = 0x10_0000;
    private static final Feature NONE = new Feature.None();

    private final DirtyLog log = new DirtyLog(1 << 16);
    private final DmaTable table = new DmaTable(100, 1L << 40, log);
    private final RecordingCalls calls = new RecordingCalls();
    private final SmallDevice device = new SmallDevice(true, true);
    private final MigrationMachine machine = machine(device);
    private final FeatureCommands features = new FeatureCommands(machine, log, table, calls);

    @AfterEach
    void close() {
        table.close();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 0x10000, true", // MIGRATION: GET
        "1, 0x20000, false",
        "1, 0x30000, false",
        "2, 0x10000, true", // MIG_DEVICE_STATE: GET, SET
        "2, 0x20000, true",
        "2, 0x30000, true",
        "6, 0x10000, false", // DMA_LOGGING_START: SET
        "6, 0x20000, true",
        "7, 0x10000, false", // DMA_LOGGING_STOP: SET
        "7, 0x20000, true",
        "8, 0x10000, true", // DMA_LOGGING_REPORT: GET
        "8, 0x20000, false",
        "2, 0, true", // whether the feature is known at all
        "0, 0, false",
        "0, 0x10000, false",
        "3, 0x20000, false",
        "9, 0x10000, false",
        "0xffff, 0, false",
    })
    void probesWhatIsThere(int feature, String operations, boolean there) {
        var data = new Feature.Unknown(Unpooled.wrappedBuffer(new byte[] {1, 2, 3}));
        var flags = new FeatureFlags(feature | Integer.decode(operations) | FEATURE_PROBE);
        var request = new DeviceFeature(11, flags, data);

        if (there) {
            assertThat(now(request)).isEqualTo(DeviceFeature.Reply.echo(request));
        } else {
            refused(Errno.EINVAL, request);
        }
        assertThat(calls.calls).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                FEATURE_MIG_DEVICE_STATE,
                FEATURE_MIG_DEVICE_STATE | FEATURE_GET | FEATURE_SET,
                FEATURE_MIG_DEVICE_STATE | FEATURE_GET | 0x8_0000,
                FEATURE_MIGRATION | FEATURE_SET,
                FEATURE_DMA_LOGGING_START | FEATURE_GET,
                FEATURE_DMA_LOGGING_REPORT | FEATURE_SET,
                3 | FEATURE_SET,
            })
    void refusesOperationsThatAFeatureDoesNotHave(int flags) {
        refused(Errno.EINVAL, new DeviceFeature(64, new FeatureFlags(flags), NONE));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 6, 7, 8})
    void aDeviceThatCannotMigrateHasNoFeatures(int feature) {
        var none = machine(new SmallDevice(false, false));
        var features = new FeatureCommands(none, log, table, calls);

        for (int operation : List.of(FEATURE_GET, FEATURE_SET, FEATURE_PROBE)) {
            var request = new DeviceFeature(64, new FeatureFlags(feature | operation), NONE);
            assertThatExceptionOfType(RequestRejectedException.class)
                    .isThrownBy(() -> features.run(request))
                    .withMessageEndingWith("(expected: a device that can migrate)")
                    .extracting(RequestRejectedException::errno)
                    .isEqualTo(Errno.EINVAL);
        }
    }

    @ParameterizedTest
    @CsvSource({"true, 5", "false, 1"})
    void tellsHowTheDeviceMigrates(boolean preCopy, long flags) {
        var features =
                new FeatureCommands(machine(new SmallDevice(true, preCopy)), log, table, calls);
        var request = get(FEATURE_MIGRATION, NONE, 16);

        assertThat(features.run(request))
                .isEqualTo(
                        Answer.now(
                                new DeviceFeature.Reply(
                                        16, request.flags(), new Feature.Migration(flags))));
    }

    @Test
    void tellsTheState() {
        assertThat(now(get(FEATURE_MIG_DEVICE_STATE, NONE, 16)).feature())
                .isEqualTo(new Feature.MigDeviceState(MigrationState.RUNNING, 0));
        refused(Errno.EINVAL, get(FEATURE_MIG_DEVICE_STATE, NONE, 15));
        assertThat(calls.calls).isEmpty();
    }

    @Test
    void changesTheStateWhileTheDeviceIsQuiet() {
        var request = state(MigrationState.STOP_COPY, 7);

        assertThat(now(request)).isEqualTo(DeviceFeature.Reply.echo(request));

        assertThat(machine.state()).isEqualTo(MigrationState.STOP_COPY);
        assertThat(calls.calls).containsExactly("quiesce", "resume");
    }

    @Test
    void refusesAStateChangeWhoseEchoDoesNotFit() {
        var request =
                new DeviceFeature(
                        15,
                        FeatureFlags.set(FEATURE_MIG_DEVICE_STATE),
                        new Feature.MigDeviceState(MigrationState.STOP, 0));

        refused(Errno.EINVAL, request);

        assertThat(machine.state()).isEqualTo(MigrationState.RUNNING);
        assertThat(calls.calls).isEmpty();
    }

    @Test
    void anErrorOfTheDeviceLetsItGoOn() {
        device.stopped =
                Completion.after(
                        CompletableFuture.failedStage(new DeviceException(Errno.EBUSY, "no")));

        var answer = (Answer.Later) features.run(state(MigrationState.STOP, 0));

        assertThat(ErrorMapper.map(answer.stage().toCompletableFuture().exceptionNow()))
                .isEqualTo(new Fault.Reject(Errno.EBUSY, "no"));
        assertThat(machine.state()).isEqualTo(MigrationState.RUNNING);
        assertThat(calls.calls).containsExactly("quiesce", "resume");
    }

    @Test
    void aRefusedChangeLetsTheDeviceGoOn() {
        refused(Errno.EINVAL, state(MigrationState.ERROR, 0));

        assertThat(calls.calls).containsExactly("quiesce", "resume");
    }

    @Test
    void waitsUntilTheDeviceIsQuietAndItsLeasesAreClosed() {
        try (var memory = SharedMemory.create("guest", 4096);
                FdBundle fds = FdBundle.of(memory.duplicate())) {
            table.map(new DmaMap(DmaFlags.READ_WRITE, 0, BASE, 4096), fds);
        }
        var view = new GuestMemoryView(table, new NoMessages());
        calls.late = true;
        Answer.Later answer;
        try (Lease lease = view.lease(BASE, 8, AccessMode.READ)) {
            answer = (Answer.Later) features.run(state(MigrationState.STOP, 0));
            assertThat(machine.state()).as("not quiet").isEqualTo(MigrationState.RUNNING);
            calls.quiet.complete(null);
            assertThat(machine.state()).as("on lease").isEqualTo(MigrationState.RUNNING);
            assertThat(view.isDirect(BASE, lease.length(), AccessMode.READ))
                    .as("new leases meanwhile")
                    .isFalse();
        }
        assertThat(machine.state()).as("in the call").isEqualTo(MigrationState.RUNNING);
        calls.runTasks();
        assertThat(machine.state()).isEqualTo(MigrationState.STOP);
        assertThat(answer.stage().toCompletableFuture()).isCompleted();
        assertThat(calls.calls).containsExactly("quiesce", "resume");
        try (Lease again = view.lease(BASE, 8, AccessMode.READ)) {
            assertThat(again.length()).isEqualTo(8);
        }
    }

    @Test
    void logsFromStartToStop() {
        DmaRegion region = mapMessages();
        var ranges = List.of(new Feature.DmaLoggingStart.Range(BASE, 0x4000));
        var start = set(FEATURE_DMA_LOGGING_START, new Feature.DmaLoggingStart(512, ranges));
        assertThat(now(start).feature()).isEqualTo(new Feature.DmaLoggingStart(4096, ranges));
        assertThat(now(start).argsz()).isEqualTo(start.argsz());

        log.written(region, BASE + 0x1000, 0x1001);

        assertThat(report(0x4000, 4096, 8)).isEqualTo("0600000000000000");
        assertThat(report(0x4000, 4096, 8)).as("once").isEqualTo("0000000000000000");
        var stop =
                set(
                        FEATURE_DMA_LOGGING_STOP,
                        new Feature.DmaLoggingStop(Unpooled.wrappedBuffer(new byte[16])));
        assertThat(now(stop)).isEqualTo(DeviceFeature.Reply.echo(stop));
        assertThat(log.isOn()).isFalse();
        assertThat(calls.calls).as("needs no quiet").isEmpty();
    }

    @Test
    void refusesAReportThatDoesNotFit() {
        DmaRegion region = mapMessages();
        log.start(4096, List.of());
        log.written(region, BASE, 1);
        var data = new Feature.DmaLoggingReport(BASE, 0x4000, 4096);

        refused(Errno.EINVAL, get(FEATURE_DMA_LOGGING_REPORT, data, 39));

        assertThat(report(0x4000, 4096, 8)).as("kept").isEqualTo("0100000000000000");
    }

    @Test
    void refusesReportsThatMakeNoSense() {
        mapMessages();
        var off = new Feature.DmaLoggingReport(BASE, 0x4000, 4096);
        refused(Errno.EINVAL, get(FEATURE_DMA_LOGGING_REPORT, off, 100));
        log.start(4096, List.of());

        for (var wrong :
                List.of(
                        new Feature.DmaLoggingReport(BASE, 0x4000, 0),
                        new Feature.DmaLoggingReport(BASE, 0x4000, 4097),
                        new Feature.DmaLoggingReport(BASE, 0, 4096),
                        new Feature.DmaLoggingReport(-1, 2, 4096),
                        new Feature.DmaLoggingReport(BASE, 1L << 60, 4096))) {
            refused(Errno.EINVAL, get(FEATURE_DMA_LOGGING_REPORT, wrong, 0xffff_ffffL));
        }
        var nowhere = new Feature.DmaLoggingReport(0, 0x4000, 4096);
        refused(Errno.ENOENT, get(FEATURE_DMA_LOGGING_REPORT, nowhere, 100));
    }

    private String report(long length, long pageSize, int size) {
        var data = new Feature.DmaLoggingReport(BASE, length, pageSize);
        DeviceFeature.Reply reply = now(get(FEATURE_DMA_LOGGING_REPORT, data, 32 + size));
        assertThat(reply.argsz()).isEqualTo(32 + size);
        var bitmap = (Feature.DmaLoggingBitmap) reply.feature();
        assertThat(bitmap.iova()).isEqualTo(BASE);
        assertThat(bitmap.length()).isEqualTo(length);
        assertThat(bitmap.pageSize()).isEqualTo(pageSize);
        return ByteBufUtil.hexDump(bitmap.bitmap());
    }

    private DmaRegion mapMessages() {
        table.map(new DmaMap(DmaFlags.READ_WRITE, 0, BASE, 0x4000), FdBundle.empty());
        return table.region(BASE).orElseThrow();
    }

    private DeviceFeature.Reply now(DeviceFeature request) {
        return (DeviceFeature.Reply) ((Answer.Now) features.run(request)).reply();
    }

    private void refused(Errno errno, DeviceFeature request) {
        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> features.run(request))
                .withMessageContaining("expected: ")
                .extracting(RequestRejectedException::errno)
                .isEqualTo(errno);
    }

    private static DeviceFeature state(MigrationState state, int dataFd) {
        return set(FEATURE_MIG_DEVICE_STATE, new Feature.MigDeviceState(state, dataFd));
    }

    private static DeviceFeature get(int feature, Feature data, long argsz) {
        return new DeviceFeature(argsz, FeatureFlags.get(feature), data);
    }

    private static DeviceFeature set(int feature, Feature data) {
        return new DeviceFeature(8 + (long) data.wireSize(), FeatureFlags.set(feature), data);
    }

    private static MigrationMachine machine(SmallDevice device) {
        return new MigrationMachine(
                device,
                completion -> completion,
                new MigrationListener() {
                    @Override
                    public void stateChanged(MigrationState from, MigrationState to) {}

                    @Override
                    public void deviceFailed(String where, Throwable cause) {
                        throw new AssertionError(where, cause);
                    }
                });
    }

    /// A client that is never asked.
    private static final class NoMessages implements PeerMemory {
        @Override
        public Completion read(long iova, MemorySegment into) {
            throw new AssertionError("DMA_READ");
        }

        @Override
        public Completion write(long iova, MemorySegment from) {
            throw new AssertionError("DMA_WRITE");
        }
    }
}
