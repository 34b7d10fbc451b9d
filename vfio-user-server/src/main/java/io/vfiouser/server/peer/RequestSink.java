package io.vfiouser.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/// Where requests to the client go.
public interface RequestSink {
    /// Bytes that may wait for a client that does not read, in one connection.
    long MAX_WAITING_BYTES = 64L << 20;

    /// Whether so much waits for the client that it can be given up.
    static boolean isOverfull(Channel channel) {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        return out != null && out.totalPendingWriteBytes() > MAX_WAITING_BYTES;
    }

    /// An empty buffer for a message of `size` bytes.
    ByteBuf buffer(int size);

    /// Sends a whole message now, after everything that was sent before; takes it over.
    void send(ByteBuf message);
}
