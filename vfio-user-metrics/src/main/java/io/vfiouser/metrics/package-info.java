/// What a server counts, for any monitoring system that Micrometer knows. Start at
/// [io.vfiouser.metrics.DeviceMetrics].
@NullMarked
package io.vfiouser.metrics;

import org.jspecify.annotations.NullMarked;
