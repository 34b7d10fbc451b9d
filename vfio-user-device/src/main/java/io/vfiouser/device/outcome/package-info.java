/// How a callback ends: [io.vfiouser.device.outcome.Completion] now or later, or
/// [io.vfiouser.device.outcome.DeviceException].
@NullMarked
package io.vfiouser.device.outcome;

import org.jspecify.annotations.NullMarked;
