/// The admin command set. Start at [io.vfiouser.devices.nvme.admin.AdminCommands].
@NullMarked
package io.vfiouser.devices.nvme.admin;

import org.jspecify.annotations.NullMarked;
