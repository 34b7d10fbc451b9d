/// What an access costs, counted and not timed, so that a change that makes it dearer fails the
/// build on any machine.
@NullMarked
package io.vfiouser.it.cost;

import org.jspecify.annotations.NullMarked;
