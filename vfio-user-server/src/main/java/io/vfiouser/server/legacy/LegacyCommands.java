package io.vfiouser.server.legacy;

import io.netty.buffer.ByteBuf;
import io.vfiouser.codec.LegacyDecoder;
import io.vfiouser.codec.LegacyEncoder;
import io.vfiouser.codec.RequestRejectedException;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.DeviceGetRegionInfo;
import io.vfiouser.protocol.DeviceSetIrqs;
import io.vfiouser.protocol.IrqData;
import io.vfiouser.protocol.LegacyFormat;
import io.vfiouser.protocol.LegacyRequest;
import io.vfiouser.protocol.LegacyRequest.MapRegions;
import io.vfiouser.protocol.LegacyRequest.Same;
import io.vfiouser.protocol.LegacyRequest.UnmapRegions;
import io.vfiouser.protocol.UnknownRequest;
import io.vfiouser.protocol.WireFormat;
import io.vfiouser.server.dispatch.Answer;
import io.vfiouser.server.dispatch.CommandRunner;
import io.vfiouser.server.dispatch.Dispatcher;
import io.vfiouser.server.region.RegionTable;
import io.vfiouser.server.session.SessionParts;
import java.util.Optional;

/// Runs the commands of a legacy client: those that mean the same as they do today by who runs
/// those, the others in parts.
final class LegacyCommands implements CommandRunner {
    private static final DeviceGetInfo.Reply INFO =
            new DeviceGetInfo.Reply(
                    DeviceGetInfo.Reply.RESET | DeviceGetInfo.Reply.PCI,
                    LegacyFormat.REGION_COUNT,
                    IrqIndex.COUNT);

    private final Dispatcher today;
    private final LegacyRegionInfo regionInfo;
    private final LegacyMemory memory;
    private final LegacyDirtyPages dirtyPages;
    private final Optional<LegacyMigration> migration;

    private LegacyCommands(
            SessionParts parts, Dispatcher today, Optional<LegacyMigration> migration) {
        this.today = today;
        this.regionInfo =
                new LegacyRegionInfo(parts.regions(), parts.client().capabilities().maxMsgFds());
        this.memory = new LegacyMemory(today);
        boolean migrates =
                parts.migration().isSupported() || parts.layout().legacyMigration().isPresent();
        this.dirtyPages = new LegacyDirtyPages(parts.log(), parts.dma(), migrates);
        this.migration = migration;
    }

    /// The commands of one session. A device that migrates gets its migration region here: its own
    /// if it has one, else one of ours.
    static LegacyCommands of(SessionParts parts, Dispatcher today) {
        Optional<LegacyMigration> migration = Optional.empty();
        if (parts.layout().legacyMigration().isPresent()) {
            parts.regions()
                    .put(RegionTable.LEGACY_MIGRATION, parts.layout().legacyMigration().get());
        } else if (parts.migration().isSupported()) {
            var ours = new LegacyMigration(parts.migration(), parts.dma(), parts.device());
            parts.regions().put(RegionTable.LEGACY_MIGRATION, ours.region());
            migration = Optional.of(ours);
        }
        return new LegacyCommands(parts, today, migration);
    }

    @Override
    public Answer run(ByteBuf frame, FdBundle descriptors) {
        LegacyRequest request = LegacyDecoder.clientRequest(frame);
        return switch (request) {
            case MapRegions(var regions) -> memory.map(regions, descriptors);
            case UnmapRegions(var regions) -> memory.unmap(regions);
            case LegacyRequest.DirtyPages pages -> dirtyPages.run(pages);
            case Same(DeviceGetInfo _) -> {
                int size = frame.readableBytes() - WireFormat.HEADER_SIZE;
                yield Answer.now(LegacyEncoder.deviceInfo(frame.alloc().buffer(), size, INFO));
            }
            case Same(DeviceGetRegionInfo info) -> regionInfo.answer(info, frame.alloc());
            case Same(DeviceSetIrqs set) -> {
                checkEventFds(set, descriptors);
                yield today.dispatch(set, descriptors);
            }
            case Same(UnknownRequest(int command)) ->
                    throw refused("command: %d (expected: 1 to 14)".formatted(command));
            case Same(var same) -> today.dispatch(same, descriptors);
        };
    }

    @Override
    public void close() {
        migration.ifPresent(LegacyMigration::close);
    }

    /// There is no taking back of eventfds by sending none.
    private static void checkEventFds(DeviceSetIrqs set, FdBundle descriptors) {
        if (set.data() instanceof IrqData.Eventfd && descriptors.count() != set.count()) {
            throw refused(
                    "descriptors: %d (expected: count, %d)"
                            .formatted(descriptors.count(), set.count()));
        }
    }

    static RequestRejectedException refused(String message) {
        return new RequestRejectedException(Errno.EINVAL, message);
    }
}
