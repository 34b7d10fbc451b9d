/// Taps, captures, recordings and the proxy, over real sockets.
@NullMarked
package io.vfiouser.it.trace;

import org.jspecify.annotations.NullMarked;
