package io.vfiouser.devices.nvme.admin;

import io.vfiouser.devices.nvme.engine.DataMapper;
import io.vfiouser.devices.nvme.engine.Engine;
import io.vfiouser.devices.nvme.guest.GuestWindows;
import io.vfiouser.devices.nvme.log.ErrorLog;
import io.vfiouser.devices.nvme.log.Health;
import io.vfiouser.devices.nvme.namespace.Namespaces;
import io.vfiouser.devices.nvme.queue.Interrupts;
import io.vfiouser.devices.nvme.queue.QueueTable;

/// What the admin commands work with.
///
/// @param engine ends commands and hands them to the storage
/// @param mapper finds their guest memory
/// @param windows that memory
/// @param namespaces all of the controller's
/// @param queues all of the controller's
/// @param interrupts of the completion queues
/// @param errors the error log
/// @param health the counters
/// @param controller the rest of the controller
public record AdminContext(
        Engine engine,
        DataMapper mapper,
        GuestWindows windows,
        Namespaces namespaces,
        QueueTable queues,
        Interrupts interrupts,
        ErrorLog errors,
        Health health,
        ControllerPort controller) {}
