package io.vfiouser.server.session;

import io.vfiouser.device.DeviceLayout;
import io.vfiouser.protocol.Capabilities;
import io.vfiouser.protocol.Version;
import io.vfiouser.server.dispatch.CommandRunner;
import io.vfiouser.server.dispatch.Dispatcher;
import io.vfiouser.server.dispatch.FeatureCommands;
import io.vfiouser.server.dispatch.MigrationCommands;
import io.vfiouser.server.dma.DirtyLog;
import io.vfiouser.server.dma.DmaTable;
import io.vfiouser.server.dma.GuestMemoryView;
import io.vfiouser.server.dma.MapBudget;
import io.vfiouser.server.irq.IrqTable;
import io.vfiouser.server.loop.DeviceLoop;
import io.vfiouser.server.migration.MigrationMachine;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.peer.Peer;
import io.vfiouser.server.peer.RequestSink;
import io.vfiouser.server.region.DoorbellTable;
import io.vfiouser.server.region.RegionTable;
import java.time.Instant;
import java.util.function.BooleanSupplier;

/// Gives each client of a device that has negotiated everything it needs, and the device its
/// context.
///
/// @param maps counts the mappings of all clients
/// @param keepsFiles whether clients' memory files stay open
/// @param dmaAllowed whether the device may reach the client's memory at this time
record Attaching(
        DeviceHost host,
        DeviceLayout layout,
        MapBudget maps,
        boolean keepsFiles,
        BooleanSupplier dmaAllowed) {

    /// Attaches the device; whatever it throws, nothing stays open.
    ///
    /// @param requests where commands to the client go
    Attachment attach(Session session, Version request, RequestSink requests) {
        Limits limits = host.limits();
        DeviceLoop loop = host.loop();
        RegionTable regions = host.functions().regions();
        MigrationMachine migration = host.migration();
        Capabilities client = request.capabilities();
        int maxTransferSize = limits.count(Limit.MAX_TRANSFER_SIZE);

        IrqTable irqs =
                new IrqTable(
                        layout,
                        host.functions()::masks,
                        loop,
                        limits.count(Limit.MAX_INTERRUPTS_PER_SECOND),
                        index -> host.events().signalled(session, index));
        var log =
                new DirtyLog(
                        Math.min(
                                limits.of(Limit.MAX_BITMAP_SIZE),
                                client.migration().maxBitmapSize()));
        var dma =
                new DmaTable(
                        limits.count(Limit.MAX_DMA_REGIONS),
                        limits.of(Limit.MAX_MAPPED_BYTES),
                        maps,
                        log,
                        keepsFiles);
        var parts =
                new SessionParts(
                        loop,
                        requests,
                        request,
                        limits,
                        layout,
                        regions,
                        dma,
                        log,
                        migration,
                        host.code());
        ServerDialect dialect = host.dialect();
        Peer peer = dialect.peer(parts);
        var memory = new GuestMemoryView(dma, peer, dmaAllowed, host.counters().dma());
        var doorbells = new DoorbellTable(layout, regions, loop, client.maxMsgFds());
        var dispatcher =
                new Dispatcher(
                        regions,
                        doorbells,
                        irqs,
                        dma,
                        log,
                        new FeatureCommands(migration, log, dma, host.code()),
                        new MigrationCommands(migration, maxTransferSize),
                        host.code(),
                        limits.count(Limit.MAX_DESCRIPTORS));
        CommandRunner commands = dialect.commands(parts, dispatcher);
        var context =
                new AttachedContext(host, loop, irqs, doorbells, memory, peer.interruptMessages());
        if (host.givenUp().isPresent()) {
            irqs.silence();
        }
        try {
            host.device().attach(context);
        } catch (Throwable thrown) {
            context.detach();
            doorbells.close();
            peer.close();
            commands.close();
            throw thrown;
        }
        return new Attachment(
                commands,
                new RegionCommands(session, regions, maxTransferSize, dialect),
                new MigrationReads(
                        session, migration, Math.min(maxTransferSize, client.maxDataXferSize())),
                peer,
                doorbells,
                irqs,
                dma,
                log,
                memory,
                context,
                Instant.now(),
                request.major() + "." + request.minor(),
                host.events().clientAttached(session));
    }
}
