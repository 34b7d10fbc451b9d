/// What of a served device goes to another process: bytes and descriptors, written and read by
/// those whose state it is. Start at [io.vfiouser.server.image.ImageWriter].
@NullMarked
package io.vfiouser.server.image;

import org.jspecify.annotations.NullMarked;
