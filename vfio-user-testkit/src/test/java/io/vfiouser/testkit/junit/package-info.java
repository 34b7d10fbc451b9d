@NullMarked
package io.vfiouser.testkit.junit;

import org.jspecify.annotations.NullMarked;
