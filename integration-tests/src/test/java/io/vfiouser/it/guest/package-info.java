/// Linux guests against served devices. Start at [io.vfiouser.testkit.guest.GuestVm], which boots a
/// guest, and [io.vfiouser.it.guest.ServedProcess], which runs the server that it talks to.
@NullMarked
package io.vfiouser.it.guest;

import org.jspecify.annotations.NullMarked;
