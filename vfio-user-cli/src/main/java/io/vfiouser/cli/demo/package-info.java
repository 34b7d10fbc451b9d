/// What `demo` does with each device. Start at [io.vfiouser.cli.demo.DeviceDemo] and
/// [io.vfiouser.cli.demo.DemoLog].
@NullMarked
package io.vfiouser.cli.demo;

import org.jspecify.annotations.NullMarked;
