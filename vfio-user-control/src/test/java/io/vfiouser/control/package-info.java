@NullMarked
package io.vfiouser.control;

import org.jspecify.annotations.NullMarked;
