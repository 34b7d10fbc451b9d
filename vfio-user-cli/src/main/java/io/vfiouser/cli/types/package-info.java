/// The device types that are installed, and their settings records as `key=value`. Start at
/// [io.vfiouser.cli.types.DeviceTypes] and [io.vfiouser.cli.types.DeviceType].
@NullMarked
package io.vfiouser.cli.types;

import org.jspecify.annotations.NullMarked;
