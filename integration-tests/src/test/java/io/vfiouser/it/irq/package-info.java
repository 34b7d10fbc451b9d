/// Interrupts over real sockets and eventfds: masks, notices, full eventfds. Start at
/// [io.vfiouser.it.irq.IrqMaskTest].
@NullMarked
package io.vfiouser.it.irq;

import org.jspecify.annotations.NullMarked;
