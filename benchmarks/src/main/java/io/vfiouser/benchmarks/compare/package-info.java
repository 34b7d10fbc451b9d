/// Servers side by side: runs the same workloads against each of them and a bare echo server, in
/// turn, and makes tables and charts of the results. Start at [Compare].
@NullMarked
package io.vfiouser.benchmarks.compare;

import org.jspecify.annotations.NullMarked;
