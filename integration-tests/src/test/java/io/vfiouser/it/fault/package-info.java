/// What a server survives: clients that vanish, send nonsense or nothing, and devices that throw.
/// Start at [io.vfiouser.it.fault.AbruptEndTest].
@NullMarked
package io.vfiouser.it.fault;

import org.jspecify.annotations.NullMarked;
