/// Devices for JUnit Jupiter tests. Start at [io.vfiouser.testkit.junit.VfioUserServerExtension].
@NullMarked
package io.vfiouser.testkit.junit;

import org.jspecify.annotations.NullMarked;
