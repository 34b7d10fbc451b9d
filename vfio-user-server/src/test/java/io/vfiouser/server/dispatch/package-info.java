/// Tests of the package with the same name.
@NullMarked
package io.vfiouser.server.dispatch;

import org.jspecify.annotations.NullMarked;
