/// The regions of a device as the wire sees them. Start at [io.vfiouser.server.region.RegionTable].
@NullMarked
package io.vfiouser.server.region;

import org.jspecify.annotations.NullMarked;
