/// Devices behind filters, as clients see them.
@NullMarked
package io.vfiouser.it.filters;

import org.jspecify.annotations.NullMarked;
