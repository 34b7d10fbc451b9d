/// From a request to its answer. Start at [io.vfiouser.server.dispatch.Dispatcher]; errors become
/// replies in [io.vfiouser.server.dispatch.ErrorMapper].
@NullMarked
package io.vfiouser.server.dispatch;

import org.jspecify.annotations.NullMarked;
