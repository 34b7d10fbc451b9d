/// The server as its users see it. Start at [io.vfiouser.server.VfioUserServer] and
/// [io.vfiouser.server.ServedDevice].
@NullMarked
package io.vfiouser.server;

import org.jspecify.annotations.NullMarked;
