/// Devices under test. Start at [io.vfiouser.testkit.DeviceTester]; for migration over real sockets
/// at [io.vfiouser.testkit.MigrationRoundTrip].
@NullMarked
package io.vfiouser.testkit;

import org.jspecify.annotations.NullMarked;
