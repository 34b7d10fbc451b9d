/// The table for those who move from libvfio-user is whole and true. Start at
/// [io.vfiouser.it.moving.MovingTableTest].
@NullMarked
package io.vfiouser.it.moving;

import org.jspecify.annotations.NullMarked;
