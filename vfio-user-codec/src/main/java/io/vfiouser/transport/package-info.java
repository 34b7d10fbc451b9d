/// The Netty channel that carries descriptors beside bytes, and what belongs on its event loop.
///
/// Start at [io.vfiouser.transport.VfioUserChannel] and
/// [io.vfiouser.transport.VfioUserServerChannel], which join any event loop of Netty's epoll
/// transport; a [io.vfiouser.transport.Chunk] is what they read and write when there are
/// descriptors.
@NullMarked
package io.vfiouser.transport;

import org.jspecify.annotations.NullMarked;
