/// Our own server, asked by the conformance suite of the test kit. Start at
/// [io.vfiouser.it.conformance.ServerConformanceTest].
@NullMarked
package io.vfiouser.it.conformance;

import org.jspecify.annotations.NullMarked;
