/// Linux guests in QEMU whose PCI devices are served by vfio-user servers. Start at
/// [io.vfiouser.testkit.guest.GuestVm], which boots one and runs a script in it;
/// [io.vfiouser.testkit.guest.GuestRig] says where QEMU and the kernel come from.
@NullMarked
package io.vfiouser.testkit.guest;

import org.jspecify.annotations.NullMarked;
