package io.vfiouser.server.session;

import io.vfiouser.server.dispatch.Dispatcher;
import io.vfiouser.server.dma.DmaTable;
import io.vfiouser.server.dma.GuestMemoryView;
import io.vfiouser.server.irq.IrqTable;
import io.vfiouser.server.peer.PeerCalls;
import io.vfiouser.server.region.DoorbellTable;

/// What a session has from negotiation to the end.
///
/// @param dispatcher runs commands
/// @param accesses runs REGION_READ and REGION_WRITE
/// @param savedState runs MIG_DATA_READ
/// @param peer our commands to the client
/// @param doorbells what the client may ring
/// @param irqs the client's eventfds
/// @param dma the client's memory
/// @param memory the device's way to it
/// @param context what the device holds
record Attachment(
        Dispatcher dispatcher,
        RegionCommands accesses,
        MigrationReads savedState,
        PeerCalls peer,
        DoorbellTable doorbells,
        IrqTable irqs,
        DmaTable dma,
        GuestMemoryView memory,
        AttachedContext context) {}
