/// Guest memory as a device sees it. Start at [io.vfiouser.device.memory.GuestMemory].
@NullMarked
package io.vfiouser.device.memory;

import org.jspecify.annotations.NullMarked;
