/// The control API and the live page of a running server.
@NullMarked
package io.vfiouser.it.control;

import org.jspecify.annotations.NullMarked;
