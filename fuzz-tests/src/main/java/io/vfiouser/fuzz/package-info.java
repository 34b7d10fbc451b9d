/// Fuzz targets: each class named `...Fuzz` takes the bytes that a fuzzer makes up, and throws if
/// something is wrong. `./fuzz MINUTES` runs them with Jazzer; the inputs of the corpus are run by
/// the tests as well.
@NullMarked
package io.vfiouser.fuzz;

import org.jspecify.annotations.NullMarked;
