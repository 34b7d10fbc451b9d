/// The numbers of the NVMe specification, each under the name that it has there. Start at
/// [io.vfiouser.devices.nvme.spec.Status].
@NullMarked
package io.vfiouser.devices.nvme.spec;

import org.jspecify.annotations.NullMarked;
