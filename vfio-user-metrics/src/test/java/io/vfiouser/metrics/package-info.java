@NullMarked
package io.vfiouser.metrics;

import org.jspecify.annotations.NullMarked;
