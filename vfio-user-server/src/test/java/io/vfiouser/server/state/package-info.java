@NullMarked
package io.vfiouser.server.state;

import org.jspecify.annotations.NullMarked;
