/// What a controller remembers for its log pages: errors, counters of its health, changed
/// namespaces.
@NullMarked
package io.vfiouser.devices.nvme.log;

import org.jspecify.annotations.NullMarked;
