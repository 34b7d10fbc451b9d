/// Tells in what a vfio-user server, any server, differs from the specification.
///
/// Start at [io.vfiouser.testkit.conformance.ConformanceSuite]; what it finds is a
/// [io.vfiouser.testkit.conformance.ConformanceReport].
@NullMarked
package io.vfiouser.testkit.conformance;

import org.jspecify.annotations.NullMarked;
