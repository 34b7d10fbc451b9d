/// The conformance and benchmark device. Start at [io.vfiouser.devices.testdev.TestDevice]; it is
/// found by name through [io.vfiouser.devices.testdev.TestDeviceProvider].
@NullMarked
package io.vfiouser.devices.testdev;

import org.jspecify.annotations.NullMarked;
