/// The NVM command set. Start at [io.vfiouser.devices.nvme.io.IoCommands].
@NullMarked
package io.vfiouser.devices.nvme.io;

import org.jspecify.annotations.NullMarked;
