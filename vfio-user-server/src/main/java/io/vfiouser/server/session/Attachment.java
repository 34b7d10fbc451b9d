package io.vfiouser.server.session;

import io.vfiouser.server.dispatch.CommandRunner;
import io.vfiouser.server.dma.DirtyLog;
import io.vfiouser.server.dma.DmaTable;
import io.vfiouser.server.dma.GuestMemoryView;
import io.vfiouser.server.events.SessionEvent;
import io.vfiouser.server.irq.IrqTable;
import io.vfiouser.server.peer.Peer;
import io.vfiouser.server.region.DoorbellTable;
import java.time.Instant;
import java.util.Optional;

/// What a session has from negotiation to the end.
///
/// @param commands runs all other commands
/// @param accesses runs REGION_READ and REGION_WRITE
/// @param savedState runs MIG_DATA_READ
/// @param peer our commands to the client
/// @param doorbells what the client may ring
/// @param irqs the client's eventfds
/// @param dma the client's memory
/// @param log which pages of it were written
/// @param memory the device's way to it
/// @param context what the device holds
/// @param since when the client had negotiated
/// @param version of the protocol
/// @param event for the flight recorder, if it was there then
record Attachment(
        CommandRunner commands,
        RegionCommands accesses,
        MigrationReads savedState,
        Peer peer,
        DoorbellTable doorbells,
        IrqTable irqs,
        DmaTable dma,
        DirtyLog log,
        GuestMemoryView memory,
        AttachedContext context,
        Instant since,
        String version,
        Optional<SessionEvent> event) {}
