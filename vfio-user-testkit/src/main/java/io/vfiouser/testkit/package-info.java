/// Devices under test. Start at [io.vfiouser.testkit.DeviceTester].
@NullMarked
package io.vfiouser.testkit;

import org.jspecify.annotations.NullMarked;
