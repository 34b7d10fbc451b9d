/// A block backend on an NBD server: [io.vfiouser.nbd.NbdBackend], found by the name `nbd`.
@NullMarked
package io.vfiouser.nbd;

import org.jspecify.annotations.NullMarked;
