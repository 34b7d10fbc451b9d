/// Tests of the parts of a session.
@NullMarked
package io.vfiouser.server.session;

import org.jspecify.annotations.NullMarked;
