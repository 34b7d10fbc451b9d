/// The Netty channel that carries descriptors beside bytes.
///
/// Start at [io.vfiouser.transport.Chunk], which is what the channel reads and writes when there
/// are descriptors.
@NullMarked
package io.vfiouser.transport;

import org.jspecify.annotations.NullMarked;
