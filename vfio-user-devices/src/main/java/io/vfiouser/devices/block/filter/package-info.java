/// Backends that stand before another one and change what it does: read-only, copy on write, late,
/// failing, counted. Start at [io.vfiouser.devices.block.filter.StatsFilter] for the shape of one.
@NullMarked
package io.vfiouser.devices.block.filter;

import org.jspecify.annotations.NullMarked;
