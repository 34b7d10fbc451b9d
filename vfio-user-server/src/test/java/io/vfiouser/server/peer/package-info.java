/// Tests of the server's commands to its client.
@NullMarked
package io.vfiouser.server.peer;

import org.jspecify.annotations.NullMarked;
