package io.vfiouser.control;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;

/// One connection that is sent events (Server-sent events, HTML Living Standard). While it does not
/// read, events are dropped, and it is told how many.
final class Watcher {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Channel channel;
    private final String traced;
    private long dropped;

    Watcher(Channel channel, String traced) {
        this.channel = channel;
        this.traced = traced;
    }

    /// Name of the device whose trace it wants, or empty.
    String traced() {
        return traced;
    }

    void start() {
        var response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/event-stream");
        PageFiles.secure(response.headers());
        HttpUtil.setTransferEncodingChunked(response, true);
        var _ = channel.writeAndFlush(response);
    }

    void send(String event, Object data) {
        if (!channel.isWritable()) {
            dropped++;
            return;
        }
        var text = new StringBuilder(256);
        if (dropped > 0) {
            text.append("event: dropped\ndata: ").append(dropped).append("\n\n");
            dropped = 0;
        }
        text.append("event: ").append(event).append("\ndata: ");
        text.append(JSON.writeValueAsString(data)).append("\n\n");
        var _ =
                channel.writeAndFlush(
                        new DefaultHttpContent(
                                Unpooled.copiedBuffer(text, StandardCharsets.UTF_8)));
    }

    void close() {
        var _ = channel.close();
    }
}
