@NullMarked
package io.vfiouser.transport;

import org.jspecify.annotations.NullMarked;
