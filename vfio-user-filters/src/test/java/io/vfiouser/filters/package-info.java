@NullMarked
package io.vfiouser.filters;

import org.jspecify.annotations.NullMarked;
