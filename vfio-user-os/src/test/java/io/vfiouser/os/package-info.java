@NullMarked
package io.vfiouser.os;

import org.jspecify.annotations.NullMarked;
