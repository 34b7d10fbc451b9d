/// `serve --sandbox`, in processes of its own.
@NullMarked
package io.vfiouser.it.sandbox;

import org.jspecify.annotations.NullMarked;
