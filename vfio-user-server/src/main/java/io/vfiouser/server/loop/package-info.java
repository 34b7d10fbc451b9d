/// The event loop of a device, which can change while the device is served.
///
/// Start at [io.vfiouser.server.loop.DeviceLoop].
@NullMarked
package io.vfiouser.server.loop;

import org.jspecify.annotations.NullMarked;
