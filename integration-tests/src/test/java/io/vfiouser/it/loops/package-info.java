/// Devices on several event loops, which move from one to another.
@NullMarked
package io.vfiouser.it.loops;

import org.jspecify.annotations.NullMarked;
