/// One connection and its state. Start at [io.vfiouser.server.session.Session], then
/// [io.vfiouser.server.session.DeviceHost], which outlives it.
@NullMarked
package io.vfiouser.server.session;

import org.jspecify.annotations.NullMarked;
