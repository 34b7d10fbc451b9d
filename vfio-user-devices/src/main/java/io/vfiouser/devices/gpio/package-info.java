/// Sixteen outputs wired back to sixteen inputs, with Linux's own driver for them. Start at
/// [io.vfiouser.devices.gpio.GpioDevice]; it is found by name through
/// [io.vfiouser.devices.gpio.GpioProvider].
@NullMarked
package io.vfiouser.devices.gpio;

import org.jspecify.annotations.NullMarked;
