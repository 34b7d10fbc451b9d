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
import io.netty.util.NetUtil;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/// Answers with the page and what it needs, and lets its WebSocket pass: that of no other site's
/// page, whose browser would send it here as well.
final class PageRequests extends SimpleChannelInboundHandler<FullHttpRequest> {
    static final String CONSOLE = "/console";

    private static final String WEBJARS = "/META-INF/resources/webjars/";
    private static final String XTERM = WEBJARS + "xterm/4.9.0/";
    private static final String FIT = WEBJARS + "xterm-addon-fit/0.3.0/lib/xterm-addon-fit.js";

    /// Nothing from elsewhere, and no frame of another site. xterm.js sets styles.
    private static final String POLICY =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:;"
                    + " frame-ancestors 'none'";

    /// @param bytes shared by all answers
    private record File(String type, ByteBuf bytes) {
        static final File NONE = new File("text/plain", Unpooled.EMPTY_BUFFER);
    }

    private static final Map<String, File> FILES =
            Map.of(
                    "/", file("text/html; charset=utf-8", "console.html"),
                    "/console.js", file("text/javascript; charset=utf-8", "console.js"),
                    "/console.css", file("text/css", "console.css"),
                    "/xterm.js", file("text/javascript", XTERM + "lib/xterm.js"),
                    "/xterm-addon-fit.js", file("text/javascript", FIT),
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

    /// Programs send no origin; browsers do, and no page can choose it. `https` is a proxy's.
    private static boolean isFromThisPage(FullHttpRequest request) {
        String origin = request.headers().get(HttpHeaderNames.ORIGIN);
        String host = request.headers().get(HttpHeaderNames.HOST, "");
        if (origin == null) {
            return true;
        }
        return isOurs(host)
                && (origin.equals("http://" + host) || origin.equals("https://" + host));
    }

    /// Any name can be made to lead here, and a page under it would then be "from here"; an address
    /// cannot.
    private static boolean isOurs(String host) {
        String name = host.replaceFirst(":\\d+$", "");
        return name.equals("localhost") || NetUtil.isValidIpV4Address(name) || name.startsWith("[");
    }

    private static void write(ChannelHandlerContext context, HttpResponseStatus status, File file) {
        var response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, status, file.bytes().retainedDuplicate());
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, file.type());
        response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, file.bytes().readableBytes());
        response.headers().set(HttpHeaderNames.CONTENT_SECURITY_POLICY, POLICY);
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
