/// What can be watched. Start at [io.vfiouser.server.observe.ServerListener].
@NullMarked
package io.vfiouser.server.observe;

import org.jspecify.annotations.NullMarked;
