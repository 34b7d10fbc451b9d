/// Tests of the protocol between the two processes of a hot restart.
@NullMarked
package io.vfiouser.server.succession;

import org.jspecify.annotations.NullMarked;
