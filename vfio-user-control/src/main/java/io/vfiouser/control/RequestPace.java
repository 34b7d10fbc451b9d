package io.vfiouser.control;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One request at a time: the next is read when the answer has left, so that who asks and does not
/// read holds one answer and no more. Closes the connection of who is too slow with either.
///
/// While a call is at work, and while events are sent, there is no limit of time.
final class RequestPace extends ChannelDuplexHandler {
    private final Duration time;
    private @Nullable Future<?> deadline;

    RequestPace(Duration time) {
        this.time = time;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        arm(ctx);
        ctx.fireChannelActive();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        disarm();
        ctx.fireChannelInactive();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!ctx.channel().isActive()) {
            ReferenceCountUtil.release(message); // half a request of who has gone
            return;
        }
        if (message instanceof FullHttpRequest) {
            disarm();
            ctx.channel().config().setAutoRead(false); // what was read already waits before us
        }
        ctx.fireChannelRead(message);
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (message instanceof FullHttpResponse) {
            arm(ctx);
            promise.addListener(sent -> {
                if (sent.isSuccess()) {
                    next(ctx);
                }
            });
        }
        var _ = ctx.write(message, promise);
    }

    private void next(ChannelHandlerContext ctx) {
        arm(ctx);
        ctx.channel().config().setAutoRead(true);
    }

    private void arm(ChannelHandlerContext ctx) {
        disarm();
        if (ctx.channel().isActive()) {
            deadline =
                    ctx.executor()
                            .schedule(() -> close(ctx), time.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private static void close(ChannelHandlerContext ctx) {
        var _ = ctx.close();
    }

    private void disarm() {
        Future<?> armed = deadline;
        deadline = null;
        if (armed != null) {
            armed.cancel(false);
        }
    }
}
