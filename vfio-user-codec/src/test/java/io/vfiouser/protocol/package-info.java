@NullMarked
package io.vfiouser.protocol;

import org.jspecify.annotations.NullMarked;
