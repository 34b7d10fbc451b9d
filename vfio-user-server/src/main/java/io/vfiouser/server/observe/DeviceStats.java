package io.vfiouser.server.observe;

import io.vfiouser.device.irq.IrqIndex;
import java.util.List;
import java.util.Map;

/// What was counted of one device since it is served, over all its clients. The numbers are of
/// nearly the same moment.
///
/// @param device its name
/// @param attached whether a client is there
/// @param sessions clients that have negotiated
/// @param connectionsRefused connections of those who may not be clients, or not now
/// @param failures times that code of the device threw what it should not
/// @param loopHeld times that code of the device was found to hold its loop for too long
/// @param givenUp whether the device was given up
/// @param commands of each command that came, by number
/// @param regions of each region that was accessed, by index
/// @param interrupts how many were signalled to the client, of each type that was
/// @param dma client memory
public record DeviceStats(
        String device,
        boolean attached,
        long sessions,
        long connectionsRefused,
        long failures,
        long loopHeld,
        boolean givenUp,
        List<CommandStats> commands,
        List<RegionStats> regions,
        Map<IrqIndex, Long> interrupts,
        DmaStats dma) {
    /// Copies the collections.
    public DeviceStats {
        commands = List.copyOf(commands);
        regions = List.copyOf(regions);
        interrupts = Map.copyOf(interrupts);
    }

    /// All commands together.
    public long commandCount() {
        return commands.stream().mapToLong(CommandStats::count).sum();
    }

    /// All errors together.
    public long errorCount() {
        return commands.stream().mapToLong(CommandStats::errors).sum();
    }
}
