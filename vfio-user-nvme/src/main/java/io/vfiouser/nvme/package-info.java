/// The host side of NVMe over vfio-user, against any server.
///
/// Start at [io.vfiouser.nvme.NvmeInitiator], which brings a controller up;
/// [io.vfiouser.nvme.NvmeQueue] does the I/O, with several commands in flight and without
/// allocation, or one command at a time.
@NullMarked
package io.vfiouser.nvme;

import org.jspecify.annotations.NullMarked;
