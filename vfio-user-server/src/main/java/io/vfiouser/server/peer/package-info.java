/// Commands of the server to its client. Start at [io.vfiouser.server.peer.PeerCalls].
@NullMarked
package io.vfiouser.server.peer;

import org.jspecify.annotations.NullMarked;
