/// Tests of recordings played again.
@NullMarked
package io.vfiouser.trace.replay;

import org.jspecify.annotations.NullMarked;
