/// Recordings played again: [io.vfiouser.trace.replay.Replay] is the client of a device,
/// [io.vfiouser.trace.replay.ReplayDevice] the device of a driver.
@NullMarked
package io.vfiouser.trace.replay;

import org.jspecify.annotations.NullMarked;
