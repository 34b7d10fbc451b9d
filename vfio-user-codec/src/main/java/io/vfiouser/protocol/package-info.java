/// The messages of vfio-user as values, and the constants of their layout.
///
/// Start at [io.vfiouser.protocol.Message], the root of the sealed tree, at
/// [io.vfiouser.protocol.Command], which lists what may be asked in which direction, and at
/// [io.vfiouser.protocol.WireFormat], which holds every size, offset and flag bit.
@NullMarked
package io.vfiouser.protocol;

import org.jspecify.annotations.NullMarked;
