package io.vfiouser.control;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.vfiouser.server.ServeException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection: HTTP in front of the API, the page, metrics and events.
final class ControlHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final Logger LOG = LoggerFactory.getLogger(ControlHandler.class);

    private final Access access;
    private final ControlApi api;
    private final LiveEvents events;
    private final MetricsText metrics;
    private boolean watching;

    ControlHandler(Access access, ControlApi api, LiveEvents events, MetricsText metrics) {
        this.access = access;
        this.api = api;
        this.events = events;
        this.metrics = metrics;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest http) {
        if (watching) {
            return; // events have no end, so nothing can be answered behind them
        }
        boolean keepAlive = HttpUtil.isKeepAlive(http) && http.decoderResult().isSuccess();
        try {
            if (!http.decoderResult().isSuccess()) {
                throw new ApiException(HttpResponseStatus.BAD_REQUEST, "request (expected: HTTP)");
            }
            access.checkOrigin(http.headers());
            serve(ctx, http, keepAlive);
        } catch (Throwable thrown) {
            fail(ctx, keepAlive, thrown);
        }
    }

    private void serve(ChannelHandlerContext ctx, FullHttpRequest http, boolean keepAlive) {
        HttpMethod method = http.method();
        String path = http.uri().split("\\?", 2)[0];
        boolean get = method.equals(HttpMethod.GET);
        if (get && path.equals("/health")) {
            json(ctx, keepAlive, Map.of("status", "up", "devices", api.devices().size()));
            return;
        }
        if (get && PageFiles.has(path)) {
            byte[] file = PageFiles.bytes(path);
            send(ctx, keepAlive, Answer.of(HttpResponseStatus.OK, PageFiles.type(path), file));
            return;
        }
        access.checkToken(http.headers());
        if (get && path.equals("/metrics")) {
            byte[] text = metrics.scrape().getBytes(StandardCharsets.UTF_8);
            send(ctx, keepAlive, Answer.of(HttpResponseStatus.OK, MetricsText.TYPE, text));
            return;
        }
        ApiRequest request =
                ApiRequest.of(method, http.uri(), ByteBufUtil.getBytes(http.content()));
        if (!path.startsWith("/v1/")) {
            throw new ApiException(HttpResponseStatus.NOT_FOUND, "path: " + path);
        }
        if (get && path.equals("/v1/events")) {
            events.open(ctx.channel(), request.query().getOrDefault("trace", ""));
            watching = true;
            ctx.channel().config().setAutoRead(true); // its end is to be noticed
            return;
        }
        var _ =
                api.call(request)
                        .whenComplete((result, error) ->
                                ctx.executor()
                                        .execute(() -> {
                                            if (error == null) {
                                                json(ctx, keepAlive, result);
                                            } else {
                                                fail(ctx, keepAlive, error);
                                            }
                                        }));
    }

    private static void fail(ChannelHandlerContext ctx, boolean keepAlive, Throwable thrown) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null
                        ? thrown.getCause()
                        : thrown;
        HttpResponseStatus status =
                switch (cause) {
                    case ApiException refused -> refused.status();
                    case IllegalArgumentException _ -> HttpResponseStatus.BAD_REQUEST;
                    case IllegalStateException _ -> HttpResponseStatus.CONFLICT;
                    case ServeException _ -> HttpResponseStatus.CONFLICT;
                    default -> HttpResponseStatus.INTERNAL_SERVER_ERROR;
                };
        if (status.equals(HttpResponseStatus.INTERNAL_SERVER_ERROR)) {
            LOG.error("control: call threw", cause);
        }
        String message = String.valueOf(cause.getMessage());
        send(ctx, keepAlive, Answer.json(status, Map.of("error", message)));
    }

    private static void json(ChannelHandlerContext ctx, boolean keepAlive, Object value) {
        send(ctx, keepAlive, Answer.json(HttpResponseStatus.OK, value));
    }

    private static void send(
            ChannelHandlerContext ctx, boolean keepAlive, FullHttpResponse response) {
        HttpUtil.setKeepAlive(response, keepAlive);
        var sent = ctx.writeAndFlush(response);
        if (!keepAlive) {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.debug("control: connection: {}", cause.toString());
        var _ = ctx.close();
    }
}
