/// Filters around a device, for tests, demonstrations and finding faults. Start at
/// [io.vfiouser.filters.FilteredDevice]; a filter of one's own extends
/// [io.vfiouser.filters.DeviceFilter].
@NullMarked
package io.vfiouser.filters;

import org.jspecify.annotations.NullMarked;
