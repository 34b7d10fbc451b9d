/// The NVMe controller and the NVMe initiator, against each other.
@NullMarked
package io.vfiouser.it.nvme;

import org.jspecify.annotations.NullMarked;
