/// The client side of vfio-user, against any server.
///
/// Start at [io.vfiouser.client.VfioUserClient], which negotiates and has a blocking method for
/// everyday use; [io.vfiouser.client.AsyncCommands] has every command as a future. For messages
/// that no proper client would send there is [io.vfiouser.client.RawConnection].
@NullMarked
package io.vfiouser.client;

import org.jspecify.annotations.NullMarked;
