package io.vfiouser.examples.console;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;

/// One page's WebSocket: frames of text or bytes are what was typed.
final class ConsoleFrames extends SimpleChannelInboundHandler<WebSocketFrame> {
    private final WebConsole console;

    ConsoleFrames(WebConsole console) {
        this.console = console;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof WebSocketServerProtocolHandler.HandshakeComplete) {
            console.join(context.channel());
        }
        super.userEventTriggered(context, event);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
        console.type(context.channel(), frame.content());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        console.leave(context.channel());
        super.channelInactive(context);
    }
}
