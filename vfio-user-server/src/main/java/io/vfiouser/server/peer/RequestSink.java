package io.vfiouser.server.peer;

import io.netty.buffer.ByteBuf;

/// Where requests to the client go.
public interface RequestSink {
    /// An empty buffer for a message of `size` bytes.
    ByteBuf buffer(int size);

    /// Sends a whole message now, after everything that was sent before; takes it over.
    void send(ByteBuf message);
}
