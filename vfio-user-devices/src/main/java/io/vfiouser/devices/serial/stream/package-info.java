/// What can be on the other end of a serial port's cable, by name: a loopback plug, the terminal,
/// sockets, a file. Start at [io.vfiouser.devices.serial.stream.StreamBackend].
@NullMarked
package io.vfiouser.devices.serial.stream;

import org.jspecify.annotations.NullMarked;
