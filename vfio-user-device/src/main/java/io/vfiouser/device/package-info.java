/// The device bean and its surroundings. Start at [io.vfiouser.device.Device], then
/// [io.vfiouser.device.DeviceLayout] and [io.vfiouser.device.DeviceContext].
@NullMarked
package io.vfiouser.device;

import org.jspecify.annotations.NullMarked;
