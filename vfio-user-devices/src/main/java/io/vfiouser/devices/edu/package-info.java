/// QEMU's educational device. Start at [io.vfiouser.devices.edu.EduDevice]; it is found by name
/// through [io.vfiouser.devices.edu.EduProvider].
@NullMarked
package io.vfiouser.devices.edu;

import org.jspecify.annotations.NullMarked;
