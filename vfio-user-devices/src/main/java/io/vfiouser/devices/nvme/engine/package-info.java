/// How commands go from submission queues to their handlers and storage, and from there to
/// completion queues. Start at [io.vfiouser.devices.nvme.engine.Engine].
@NullMarked
package io.vfiouser.devices.nvme.engine;

import org.jspecify.annotations.NullMarked;
