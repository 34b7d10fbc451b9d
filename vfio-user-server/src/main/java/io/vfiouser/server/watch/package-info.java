/// Sees which device holds up an event loop.
@NullMarked
package io.vfiouser.server.watch;

import org.jspecify.annotations.NullMarked;
