/// What can be watched: events as they happen ([io.vfiouser.server.observe.ServerListener]), what
/// was counted ([io.vfiouser.server.observe.DeviceStats]), and how a device is at the moment
/// ([io.vfiouser.server.observe.DeviceView]).
@NullMarked
package io.vfiouser.server.observe;

import org.jspecify.annotations.NullMarked;
