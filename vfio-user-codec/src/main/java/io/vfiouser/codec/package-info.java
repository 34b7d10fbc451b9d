/// From bytes to messages and back.
///
/// Start at [io.vfiouser.codec.FrameDecoder], the pipeline handler that cuts the stream into whole
/// messages for a [io.vfiouser.codec.FrameHandler], and at [io.vfiouser.codec.MessageDecoder] and
/// [io.vfiouser.codec.MessageEncoder], the functions between such a frame and a
/// [io.vfiouser.protocol.Message]. Whatever a peer sends ends in a message, in a
/// [io.vfiouser.codec.RequestRejectedException] or in a
/// [io.vfiouser.codec.ProtocolViolationException].
@NullMarked
package io.vfiouser.codec;

import org.jspecify.annotations.NullMarked;
