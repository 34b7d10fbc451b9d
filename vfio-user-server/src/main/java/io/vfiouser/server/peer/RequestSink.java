package io.vfiouser.server.peer;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/// Where requests to the client go.
public interface RequestSink {
    /// Whether more than `maxUnreadBytes` wait for the client, so that it can be given up.
    static boolean isOverfull(Channel channel, int maxUnreadBytes) {
        ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
        return out != null && out.totalPendingWriteBytes() > maxUnreadBytes;
    }

    /// An empty buffer for a message of `size` bytes.
    ByteBuf buffer(int size);

    /// Sends a whole message now, after everything that was sent before; takes it over.
    void send(ByteBuf message);
}
