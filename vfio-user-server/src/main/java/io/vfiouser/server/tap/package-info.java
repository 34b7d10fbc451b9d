/// Lets others see the messages of a device: [io.vfiouser.server.tap.MessageTaps] knows who,
/// [io.vfiouser.server.tap.StreamTap] is told by a socket's owner.
@NullMarked
package io.vfiouser.server.tap;

import org.jspecify.annotations.NullMarked;
