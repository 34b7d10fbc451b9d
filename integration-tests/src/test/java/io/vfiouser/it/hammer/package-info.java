/// Our own servers under the hammer. Start at [io.vfiouser.it.hammer.HammerTest].
@NullMarked
package io.vfiouser.it.hammer;

import org.jspecify.annotations.NullMarked;
