/// What can be set. Start at [io.vfiouser.server.options.ServerOptions] and
/// [io.vfiouser.server.options.Limits].
@NullMarked
package io.vfiouser.server.options;

import org.jspecify.annotations.NullMarked;
