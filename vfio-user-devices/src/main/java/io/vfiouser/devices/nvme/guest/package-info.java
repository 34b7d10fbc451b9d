/// Guest memory as an NVMe controller reaches it: rings, descriptors and data, without a look-up
/// object or a lease for each access. Start at [io.vfiouser.devices.nvme.guest.GuestWindows] and
/// [io.vfiouser.devices.nvme.guest.DataPointer].
@NullMarked
package io.vfiouser.devices.nvme.guest;

import org.jspecify.annotations.NullMarked;
