/// Everything at once, for as long as one likes: what grows is found.
@NullMarked
package io.vfiouser.it.soak;

import org.jspecify.annotations.NullMarked;
