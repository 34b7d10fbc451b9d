/// Hot restart: a process takes the devices of another one over, their clients stay connected.
/// Start at [io.vfiouser.server.VfioUserServer#offerHandover] and
/// [io.vfiouser.server.VfioUserServer#takeOver].
@NullMarked
package io.vfiouser.server.handover;

import org.jspecify.annotations.NullMarked;
