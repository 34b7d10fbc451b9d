/// Migration between a served device and the client. Start at
/// [io.vfiouser.it.migration.DirtyLogTest].
@NullMarked
package io.vfiouser.it.migration;

import org.jspecify.annotations.NullMarked;
