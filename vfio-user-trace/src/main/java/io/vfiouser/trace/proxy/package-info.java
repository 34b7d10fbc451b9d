/// A proxy between a client and any vfio-user server: [io.vfiouser.trace.proxy.VfioUserProxy].
@NullMarked
package io.vfiouser.trace.proxy;

import org.jspecify.annotations.NullMarked;
