/// Config space over a real socket: what devices take over of it, and what it lets them do.
@NullMarked
package io.vfiouser.it.pci;

import org.jspecify.annotations.NullMarked;
