/// Storage behind block devices: what a device asks of it and what it offers.
///
/// Start at [io.vfiouser.devices.block.BlockBackend], which takes
/// [io.vfiouser.devices.block.BlockRequest]s, and at
/// [io.vfiouser.devices.block.BlockBackendProvider], which makes backends by name.
@NullMarked
package io.vfiouser.devices.block;

import org.jspecify.annotations.NullMarked;
