/// Loads an NVMe controller and measures what it does. Start at [io.vfiouser.cli.bench.NvmeBench].
@NullMarked
package io.vfiouser.cli.bench;

import org.jspecify.annotations.NullMarked;
