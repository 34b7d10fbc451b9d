/// A hammer for any server: random commands, the same for the same seed, and what becomes of them.
/// Start at [io.vfiouser.testkit.hammer.Hammer].
@NullMarked
package io.vfiouser.testkit.hammer;

import org.jspecify.annotations.NullMarked;
