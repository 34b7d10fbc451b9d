package io.vfiouser.server.dispatch;

import io.netty.buffer.ByteBuf;
import io.vfiouser.codec.MessageDecoder;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.DeviceFeature;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.DeviceGetIrqInfo;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DeviceGetRegionIoFds;
import io.vfiouser.protocol.DeviceReset;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.DmaUnmap;
import io.vfiouser.protocol.EmptyReply;
import io.vfiouser.protocol.MigDataRead;
import io.vfiouser.protocol.MigDataWrite;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.protocol.RegionWriteMulti;
import io.vfiouser.protocol.UnknownRequest;
import io.vfiouser.protocol.Version;
import io.vfiouser.server.dma.DirtyLog;
import io.vfiouser.server.dma.DmaTable;
import io.vfiouser.server.irq.IrqTable;
import io.vfiouser.server.region.DoorbellTable;
import io.vfiouser.server.region.RegionTable;

/// The one switch over all commands of a client. Descriptors that no handler takes are closed by
/// the caller. Runs on the loop.
///
/// REGION_READ, REGION_WRITE and MIG_DATA_READ do not come this way: the session runs them from the
/// received bytes, or into those to be sent.
public final class Dispatcher implements CommandRunner {
    private static final DeviceGetInfo.Reply INFO =
            new DeviceGetInfo.Reply(
                    DeviceGetInfo.Reply.RESET | DeviceGetInfo.Reply.PCI,
                    RegionTable.COUNT,
                    IrqIndex.COUNT);

    private final RegionInfo regionInfo;
    private final RegionIoFds regionIoFds;
    private final IrqCommands irqs;
    private final DmaCommands dma;
    private final KeptDescriptors kept;
    private final WriteMulti writeMulti;
    private final FeatureCommands features;
    private final MigrationCommands migration;
    private final QuietPeriod quiet;
    private final DeviceCalls device;

    /// A dispatcher for one session.
    ///
    /// @param maxDescriptors of the client that may be kept
    public Dispatcher(
            RegionTable regions,
            DoorbellTable doorbells,
            IrqTable irqs,
            DmaTable dma,
            DirtyLog log,
            FeatureCommands features,
            MigrationCommands migration,
            DeviceCalls device,
            int maxDescriptors) {
        this.regionInfo = new RegionInfo(regions);
        this.regionIoFds = new RegionIoFds(regions, doorbells);
        this.irqs = new IrqCommands(irqs);
        this.dma = new DmaCommands(dma, log, device);
        this.kept = new KeptDescriptors(irqs, dma, maxDescriptors);
        this.writeMulti = new WriteMulti(regions, device);
        this.features = features;
        this.migration = migration;
        this.quiet = new QuietPeriod(dma, device);
        this.device = device;
    }

    @Override
    public Answer run(ByteBuf frame, FdBundle descriptors) {
        return dispatch(MessageDecoder.clientRequest(frame), descriptors);
    }

    /// Runs one request.
    ///
    /// @param descriptors what came with it; the caller closes what is left
    /// @throws RequestRejectedException if it is refused
    public Answer dispatch(ClientRequest request, FdBundle descriptors) {
        return switch (request) {
            case DmaMap map -> {
                if (map.flags().fileIo()) {
                    kept.checkRoom(descriptors.count());
                }
                yield dma.map(map, descriptors);
            }
            case DmaUnmap unmap -> dma.unmap(unmap);
            case DeviceGetInfo _ -> Answer.now(INFO);
            case DeviceGetRegionInfo info -> regionInfo.info(info);
            case DeviceGetRegionIoFds ioFds -> regionIoFds.run(ioFds);
            case DeviceGetIrqInfo info -> Answer.now(irqs.info(info));
            case DeviceSetIrqs set -> {
                kept.checkRoom(descriptors.count());
                irqs.set(set, descriptors);
                yield Answer.EMPTY;
            }
            case RegionWriteMulti writes -> writeMulti.run(writes);
            case DeviceReset _ -> reset();
            case Version _ -> throw refused("VERSION (expected: once, as the first message)");
            case DeviceFeature feature -> features.run(feature);
            case MigDataWrite data -> migration.write(data);
            case RegionRead _, RegionWrite _, MigDataRead _ ->
                    throw new IllegalArgumentException(request + " (expected: run by the session)");
            case UnknownRequest unknown ->
                    throw refused("command: %d (expected: 1 to 18)".formatted(unknown.commandId()));
        };
    }

    private Answer reset() {
        return switch (quiet.during(() -> device.reset(ResetReason.DEVICE_RESET))) {
            case Completion.Done _ -> Answer.EMPTY;
            case Completion.Pending(var stage) ->
                    new Answer.Later(stage.thenApply(_ -> EmptyReply.INSTANCE));
        };
    }

    private static RequestRejectedException refused(String message) {
        return new RequestRejectedException(Errno.EINVAL, message);
    }
}
