/// What a device did, as AssertJ assertions: start at [io.vfiouser.testkit.trace.TraceAssert].
/// AssertJ comes with whoever uses them.
@NullMarked
package io.vfiouser.testkit.trace;

import org.jspecify.annotations.NullMarked;
