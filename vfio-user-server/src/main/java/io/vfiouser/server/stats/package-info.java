/// What is counted and timed of each device: numbers that its loop writes and any thread reads.
/// Start at [io.vfiouser.server.stats.DeviceCounters].
@NullMarked
package io.vfiouser.server.stats;

import org.jspecify.annotations.NullMarked;
