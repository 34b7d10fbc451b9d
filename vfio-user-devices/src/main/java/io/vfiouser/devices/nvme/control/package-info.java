/// The controller as a whole: registers, doorbells and life cycle. Start at
/// [io.vfiouser.devices.nvme.control.Controller].
@NullMarked
package io.vfiouser.devices.nvme.control;

import org.jspecify.annotations.NullMarked;
