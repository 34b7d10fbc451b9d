/// Recordings played again: [io.vfiouser.trace.replay.Replay] is the client of a device.
@NullMarked
package io.vfiouser.trace.replay;

import org.jspecify.annotations.NullMarked;
