/// Order of replies, slow devices and slow clients, many devices on one loop. Start at
/// [io.vfiouser.it.order.LateCompletionTest].
@NullMarked
package io.vfiouser.it.order;

import org.jspecify.annotations.NullMarked;
