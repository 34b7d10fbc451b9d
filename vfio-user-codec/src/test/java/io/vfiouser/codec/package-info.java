@NullMarked
package io.vfiouser.codec;

import org.jspecify.annotations.NullMarked;
