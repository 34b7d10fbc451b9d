@NullMarked
package io.vfiouser.trace.wire;

import org.jspecify.annotations.NullMarked;
