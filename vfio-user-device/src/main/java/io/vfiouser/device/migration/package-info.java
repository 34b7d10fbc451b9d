/// How a device gives its state away and takes one over, for live migration. Start at
/// [io.vfiouser.device.migration.Migratable]; [io.vfiouser.device.migration.StateSource#of] and
/// [io.vfiouser.device.migration.StateSink#into] serve devices whose state is a few pieces of
/// memory.
@NullMarked
package io.vfiouser.device.migration;

import org.jspecify.annotations.NullMarked;
