/// A serial port: a 16550A UART as a PCI function. Start at
/// [io.vfiouser.devices.serial.SerialDevice]; what is on the other end of its cable is a
/// [io.vfiouser.devices.serial.SerialBackend]. It is found by name through
/// [io.vfiouser.devices.serial.SerialProvider].
@NullMarked
package io.vfiouser.devices.serial;

import org.jspecify.annotations.NullMarked;
