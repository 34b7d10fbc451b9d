package io.vfiouser.client;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Ends a connection that cannot be read any more, such as one that the server has reset. Whoever
/// waits for a message learns it from the end of the stream.
final class LostConnection extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(LostConnection.class);

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.debug("{} lost", context.channel(), cause);
        var _ = context.close();
    }
}
