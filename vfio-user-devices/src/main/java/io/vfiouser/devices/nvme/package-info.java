/// An NVMe 1.4 controller in front of any [io.vfiouser.devices.block.BlockBackend]. Start at
/// [io.vfiouser.devices.nvme.NvmeDevice]; it is found by name through
/// [io.vfiouser.devices.nvme.NvmeProvider].
@NullMarked
package io.vfiouser.devices.nvme;

import org.jspecify.annotations.NullMarked;
