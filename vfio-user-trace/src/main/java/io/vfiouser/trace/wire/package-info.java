/// One end of a connection whose messages are passed on as they are:
/// [io.vfiouser.trace.wire.WireEnd], for the proxy and for replays.
@NullMarked
package io.vfiouser.trace.wire;

import org.jspecify.annotations.NullMarked;
