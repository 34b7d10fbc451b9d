package io.vfiouser.client;

import io.netty.buffer.ByteBuf;

/// The stream on which the server's commands come, as their replies see it. May be used from any
/// thread.
interface ReplyPath {
    /// An empty buffer for a message.
    ByteBuf buffer();

    /// Sends a whole message; dropped if the stream has ended.
    ///
    /// @param message taken over
    void send(ByteBuf message);
}
