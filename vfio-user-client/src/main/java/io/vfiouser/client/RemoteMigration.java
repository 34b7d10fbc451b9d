package io.vfiouser.client;

import io.netty.buffer.Unpooled;
import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.Feature;
import io.vfiouser.protocol.FeatureFlags;
import io.vfiouser.protocol.MigrationState;
import io.vfiouser.protocol.WireFormat;
import java.util.BitSet;
import java.util.List;

/// Migration and dirty page logging of the device, for a thread that waits (spec:
/// "VFIO_USER_DEVICE_FEATURE").
///
/// All methods throw [RemoteErrorException] if the server refuses, with EINVAL for a device that
/// cannot migrate. May be used from any thread that is not an event loop.
public final class RemoteMigration {
    private final Blocking blocking;

    RemoteMigration(Blocking blocking) {
        this.blocking = blocking;
    }

    /// What kinds of migration the device can do.
    public Feature.Migration support() {
        var flags = FeatureFlags.get(WireFormat.FEATURE_MIGRATION);
        return ask(Feature.Migration.class, flags, new Feature.None());
    }

    /// The state the device is in.
    public MigrationState state() {
        var flags = FeatureFlags.get(WireFormat.FEATURE_MIG_DEVICE_STATE);
        return ask(Feature.MigDeviceState.class, flags, new Feature.None()).state();
    }

    /// Has the device go to a state.
    public void changeState(MigrationState state) {
        send(
                FeatureFlags.set(WireFormat.FEATURE_MIG_DEVICE_STATE),
                new Feature.MigDeviceState(state, 0));
    }

    /// Takes migration data, in [MigrationState#PRE_COPY] or [MigrationState#STOP_COPY].
    ///
    /// @param size bytes, at most the client's `max_data_xfer_size`
    /// @return the bytes; fewer than asked for end the stream
    public byte[] readData(int size) {
        return blocking.await(blocking.commands().migDataRead(size));
    }

    /// Gives migration data, in [MigrationState#RESUMING].
    ///
    /// @param data at most as many bytes as the server's `max_data_xfer_size`
    public void writeData(byte[] data) {
        blocking.await(blocking.commands().migDataWrite(data));
    }

    /// Starts to log which pages the device writes.
    ///
    /// @param pageSize bytes of a page
    /// @param ranges what to log; none for everything
    public void startLogging(long pageSize, Feature.DmaLoggingStart.Range... ranges) {
        send(
                FeatureFlags.set(WireFormat.FEATURE_DMA_LOGGING_START),
                new Feature.DmaLoggingStart(pageSize, List.of(ranges)));
    }

    /// Stops to log.
    public void stopLogging() {
        send(
                FeatureFlags.set(WireFormat.FEATURE_DMA_LOGGING_STOP),
                new Feature.DmaLoggingStop(Unpooled.EMPTY_BUFFER));
    }

    /// Which pages were written since the last report. What the server wrote by messages is not in
    /// it: those writes are this side's own.
    ///
    /// @param iova DMA address of the first page
    /// @param length bytes
    /// @param pageSize bytes of a page, a power of two
    /// @return bit k is set if page k, counted from `iova`, was written
    public BitSet dirtyPages(long iova, long length, long pageSize) {
        var flags = FeatureFlags.get(WireFormat.FEATURE_DMA_LOGGING_REPORT);
        var report = new Feature.DmaLoggingReport(iova, length, pageSize);
        Feature.DmaLoggingBitmap reply = ask(Feature.DmaLoggingBitmap.class, flags, report);
        return BitSet.valueOf(reply.bitmap().nioBuffer());
    }

    /// Whether the device has an operation on a feature.
    ///
    /// @param feature the number of the feature
    /// @param operations `WireFormat.FEATURE_GET`, `FEATURE_SET` or both
    /// @throws RemoteErrorException if it has not
    public void probe(int feature, int operations) {
        send(FeatureFlags.probe(feature, operations), new Feature.None());
    }

    private <F extends Feature> F ask(Class<F> kind, FeatureFlags flags, Feature feature) {
        Feature got = send(flags, feature).feature();
        if (!kind.isInstance(got)) {
            throw new MalformedReplyException(
                    "DEVICE_FEATURE: "
                            + got
                            + " in the reply (expected: "
                            + kind.getSimpleName()
                            + ")");
        }
        return kind.cast(got);
    }

    private DeviceFeature.Reply send(FeatureFlags flags, Feature feature) {
        return blocking.await(blocking.commands().feature(Features.request(flags, feature)));
    }
}
