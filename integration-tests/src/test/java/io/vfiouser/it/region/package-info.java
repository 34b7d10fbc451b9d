/// Regions over real sockets: what a client sees of each kind, what it maps, what it rings. Start
/// at [io.vfiouser.it.region.DoorbellTest].
@NullMarked
package io.vfiouser.it.region;

import org.jspecify.annotations.NullMarked;
