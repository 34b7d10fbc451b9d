/// JMH benchmarks of the pieces an access is made of. Nothing depends on them.
///
/// Run with `benchmarks/run [JMH-ARGUMENT...]`, for example `benchmarks/run -prof gc
/// RegisterBlock`.
@NullMarked
package io.vfiouser.benchmarks;

import org.jspecify.annotations.NullMarked;
