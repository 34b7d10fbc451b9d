/// Interrupts as a device sees them. Start at [io.vfiouser.device.irq.IrqLine].
@NullMarked
package io.vfiouser.device.irq;

import org.jspecify.annotations.NullMarked;
