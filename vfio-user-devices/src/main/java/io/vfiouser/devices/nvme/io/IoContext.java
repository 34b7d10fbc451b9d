package io.vfiouser.devices.nvme.io;

import io.vfiouser.devices.block.BlockStatus;
import io.vfiouser.devices.nvme.engine.Command;
import io.vfiouser.devices.nvme.engine.DataMapper;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.log.Health;
import io.vfiouser.devices.nvme.namespace.Namespaces;
import java.util.function.BooleanSupplier;

/// What the commands of I/O queues work with.
///
/// @param engine ends commands and hands them to the storage
/// @param mapper finds their guest memory
/// @param windows that memory
/// @param namespaces all of the controller's
/// @param health counts what is done
/// @param writeCache whether the host lets writes stay in a volatile cache
public record IoContext(
        Engine engine,
        DataMapper mapper,
        GuestWindows windows,
        Namespaces namespaces,
        Health health,
        BooleanSupplier writeCache) {
    /// Ends a command with what the storage has answered, and counts media errors.
    ///
    /// @param write whether it was to change what is stored
    void end(Command command, BlockStatus status, boolean write) {
        if (Outcome.isMediaError(status)) {
            health.mediaError();
        }
        engine.finish(command, Outcome.of(status, write));
    }
}
