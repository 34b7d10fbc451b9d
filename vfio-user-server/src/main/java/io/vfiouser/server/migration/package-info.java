/// Live migration, version 2 of the protocol: from requested states and data to the calls of a
/// [io.vfiouser.device.migration.Migratable] device. Start at
/// [io.vfiouser.server.migration.MigrationMachine].
@NullMarked
package io.vfiouser.server.migration;

import org.jspecify.annotations.NullMarked;
