/// Drivers in plain Java against devices, with no virtual machine: what [io.vfiouser.testkit.vmm]
/// is for.
@NullMarked
package io.vfiouser.it.vmm;

import org.jspecify.annotations.NullMarked;
