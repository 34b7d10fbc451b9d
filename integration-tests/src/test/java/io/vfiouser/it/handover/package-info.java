/// Hot restart: a server replaced by another one under its clients.
@NullMarked
package io.vfiouser.it.handover;

import org.jspecify.annotations.NullMarked;
