/// Block backends against the servers that others wrote.
@NullMarked
package io.vfiouser.it.storage;

import org.jspecify.annotations.NullMarked;
