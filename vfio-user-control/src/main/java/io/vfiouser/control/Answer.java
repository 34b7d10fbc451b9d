package io.vfiouser.control;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// Answers as HTTP has them.
final class Answer {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Answer() {}

    /// A value as JSON.
    static FullHttpResponse json(HttpResponseStatus status, Object value) {
        return of(status, "application/json", JSON.writeValueAsBytes(value));
    }

    /// What is wrong with a call; the connection is closed after it.
    static FullHttpResponse error(HttpResponseStatus status, String message) {
        FullHttpResponse answer = json(status, Map.of("error", message));
        HttpUtil.setKeepAlive(answer, false);
        return answer;
    }

    /// Bytes of a media type.
    static FullHttpResponse of(HttpResponseStatus status, String type, byte[] body) {
        var answer =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(body));
        answer.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, type)
                .set(HttpHeaderNames.CONTENT_LENGTH, body.length);
        PageFiles.secure(answer.headers());
        return answer;
    }
}
