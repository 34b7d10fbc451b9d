/// An HTTP service that hosts NVMe disks on its own event loops. Start at
/// [io.vfiouser.examples.disks.DiskService].
@NullMarked
package io.vfiouser.examples.disks;

import org.jspecify.annotations.NullMarked;
