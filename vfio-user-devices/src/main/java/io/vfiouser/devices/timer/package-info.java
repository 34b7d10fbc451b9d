/// The migration and DMA sample. Start at [io.vfiouser.devices.timer.TimerDevice]; it is found by
/// name through [io.vfiouser.devices.timer.TimerProvider].
@NullMarked
package io.vfiouser.devices.timer;

import org.jspecify.annotations.NullMarked;
