/// The test kit's JUnit extension with devices of ours.
@NullMarked
package io.vfiouser.it.testing;

import org.jspecify.annotations.NullMarked;
