/// What a running server tells of itself.
@NullMarked
package io.vfiouser.it.observe;

import org.jspecify.annotations.NullMarked;
