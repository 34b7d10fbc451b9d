/// The README says the truth. Start at [io.vfiouser.it.readme.ReadmeDeviceTest].
@NullMarked
package io.vfiouser.it.readme;

import org.jspecify.annotations.NullMarked;
