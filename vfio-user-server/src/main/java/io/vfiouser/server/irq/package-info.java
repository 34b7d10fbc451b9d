/// The interrupts of a session. Start at [io.vfiouser.server.irq.IrqTable].
@NullMarked
package io.vfiouser.server.irq;

import org.jspecify.annotations.NullMarked;
