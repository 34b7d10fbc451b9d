package io.vfiouser.examples.console;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/// Answers with the page and what it needs, and lets its WebSocket pass: that of no other site's
/// page, whose browser would send it here as well.
final class PageRequests extends SimpleChannelInboundHandler<FullHttpRequest> {
    static final String CONSOLE = "/console";

    private static final String XTERM = "/META-INF/resources/webjars/xterm/4.9.0/";

    /// @param bytes shared by all answers
    private record File(String type, ByteBuf bytes) {
        static final File NONE = new File("text/plain", Unpooled.EMPTY_BUFFER);
    }

    private static final Map<String, File> FILES =
            Map.of(
                    "/", file("text/html; charset=utf-8", "console.html"),
                    "/xterm.js", file("text/javascript", XTERM + "lib/xterm.js"),
                    "/xterm.css", file("text/css", XTERM + "css/xterm.css"));

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        if (request.uri().equals(CONSOLE)) {
            if (isFromThisPage(request)) {
                context.fireChannelRead(request.retain());
            } else {
                write(context, HttpResponseStatus.FORBIDDEN, File.NONE);
            }
            return;
        }
        File file = FILES.get(request.uri());
        if (file == null || !request.method().equals(HttpMethod.GET)) {
            write(context, HttpResponseStatus.NOT_FOUND, File.NONE);
        } else {
            write(context, HttpResponseStatus.OK, file);
        }
    }

    /// Programs send no origin; browsers do, and no page can choose it.
    private static boolean isFromThisPage(FullHttpRequest request) {
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        return origin == null
                || origin.equals("http://" + request.headers().get(HttpHeaderNames.HOST));
    }

    private static void write(ChannelHandlerContext context, HttpResponseStatus status, File file) {
        var response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, status, file.bytes().retainedDuplicate());
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, file.type());
        response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, file.bytes().readableBytes());
        response.headers().set(HttpHeaderNames.CONNECTION, "close");
        context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
    }

    private static File file(String type, String resource) {
        try (InputStream bytes = PageRequests.class.getResourceAsStream(resource)) {
            if (bytes == null) {
                throw new IllegalStateException(
                        "resource: " + resource + " (expected: on the class path)");
            }
            return new File(
                    type,
                    Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(bytes.readAllBytes())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
