package io.vfiouser.control;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;

/// Makes whole requests, of a size that anybody may send. For a larger one the answer is the last
/// of the connection; what still comes is thrown away, as closing with bytes unread could make the
/// kernel drop the answer.
final class RequestBody extends HttpObjectAggregator {
    private static final int MAX_BODY = 64 << 10;

    RequestBody() {
        super(MAX_BODY);
    }

    @Override
    protected void handleOversizedMessage(ChannelHandlerContext ctx, HttpMessage oversized) {
        var error = "body: too large (expected: at most " + MAX_BODY + " bytes)";
        ctx.writeAndFlush(Answer.error(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE, error))
                .addListener(
                        (ChannelFutureListener)
                                sent -> {
                                    if (sent.channel() instanceof DuplexChannel duplex) {
                                        var _ = duplex.shutdownOutput();
                                    }
                                });
        ctx.channel().config().setAutoRead(true);
    }
}
