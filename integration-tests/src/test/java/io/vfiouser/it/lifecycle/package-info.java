/// How devices come into service and go: sockets, who may connect, removal at run time.
@NullMarked
package io.vfiouser.it.lifecycle;

import org.jspecify.annotations.NullMarked;
