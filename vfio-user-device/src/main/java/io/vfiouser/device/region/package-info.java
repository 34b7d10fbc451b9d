/// Windows of a device: [io.vfiouser.device.region.RegionHandler] is the contract,
/// [io.vfiouser.device.region.RegisterBlock] and [io.vfiouser.device.region.MemoryRegion] are the
/// two usual ways to fulfil it.
@NullMarked
package io.vfiouser.device.region;

import org.jspecify.annotations.NullMarked;
