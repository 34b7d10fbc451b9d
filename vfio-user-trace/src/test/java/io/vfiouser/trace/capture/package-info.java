@NullMarked
package io.vfiouser.trace.capture;

import org.jspecify.annotations.NullMarked;
