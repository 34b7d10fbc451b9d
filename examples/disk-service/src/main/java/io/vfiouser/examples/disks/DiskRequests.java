package io.vfiouser.examples.disks;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// The REST calls: `GET /disks`, `POST /disks`, `GET /disks/NAME`, `DELETE /disks/NAME`. Never
/// blocks: a call that takes a while is answered when it is done.
final class DiskRequests extends SimpleChannelInboundHandler<FullHttpRequest> {
    private static final String PATH = "/disks";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Disks disks;

    /// The body of a POST.
    record NewDisk(String name, long sizeMib) {}

    /// @param json the body; empty for none
    private record Answer(HttpResponseStatus status, String json) {
        static Answer of(HttpResponseStatus status, Object body) {
            return new Answer(status, JSON.writeValueAsString(body));
        }

        static Answer problem(HttpResponseStatus status, String message) {
            return of(status, Map.of("message", message));
        }
    }

    DiskRequests(Disks disks) {
        this.disks = disks;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        CompletableFuture<Answer> answer;
        try {
            answer =
                    request.headers().contains(HttpHeaderNames.ORIGIN)
                            ? done(fromAPage(request))
                            : answer(
                                    request.method(),
                                    request.uri(),
                                    ByteBufUtil.getBytes(request.content()));
        } catch (IllegalArgumentException | JacksonException e) {
            answer = CompletableFuture.failedFuture(e);
        }
        var _ =
                answer.exceptionally(DiskRequests::problem)
                        .thenAccept(done -> write(context, done, keepAlive));
    }

    private CompletableFuture<Answer> answer(HttpMethod method, String path, byte[] body) {
        if (path.equals(PATH) && method.equals(HttpMethod.GET)) {
            return done(Answer.of(HttpResponseStatus.OK, disks.all()));
        }
        if (path.equals(PATH) && method.equals(HttpMethod.POST)) {
            var wanted = JSON.readValue(body, NewDisk.class);
            if (wanted == null || wanted.name() == null) {
                throw new IllegalArgumentException("name: none (expected: the disk's name)");
            }
            return disks.add(wanted.name(), wanted.sizeMib())
                    .thenApply(disk -> Answer.of(HttpResponseStatus.CREATED, disk));
        }
        if (path.startsWith(PATH + "/")) {
            String name = path.substring(PATH.length() + 1);
            if (method.equals(HttpMethod.GET)) {
                return done(
                        disks.find(name)
                                .map(disk -> Answer.of(HttpResponseStatus.OK, disk))
                                .orElseGet(() -> noDisk(name)));
            }
            if (method.equals(HttpMethod.DELETE)) {
                return disks.remove(name)
                        .thenApply(was ->
                                was ? new Answer(HttpResponseStatus.NO_CONTENT, "") : noDisk(name));
            }
        }
        return done(
                Answer.problem(
                        HttpResponseStatus.NOT_FOUND,
                        method
                                + " "
                                + path
                                + " (expected: GET or POST of /disks, or GET or DELETE"
                                + " of /disks/NAME)"));
    }

    /// Browsers let any page call a service on the user's machine, and say which page it is.
    private static Answer fromAPage(FullHttpRequest request) {
        return Answer.problem(
                HttpResponseStatus.FORBIDDEN,
                "Origin: "
                        + request.headers().get(HttpHeaderNames.ORIGIN)
                        + " (expected: a program, not a page of the web)");
    }

    private static CompletableFuture<Answer> done(Answer answer) {
        return CompletableFuture.completedFuture(answer);
    }

    private static Answer noDisk(String name) {
        return Answer.problem(
                HttpResponseStatus.NOT_FOUND, "name: " + name + " (expected: a disk's)");
    }

    private static Answer problem(Throwable error) {
        Throwable cause =
                error instanceof CompletionException && error.getCause() != null
                        ? error.getCause()
                        : error;
        boolean asked =
                cause instanceof IllegalArgumentException || cause instanceof JacksonException;
        return Answer.problem(
                asked ? HttpResponseStatus.BAD_REQUEST : HttpResponseStatus.INTERNAL_SERVER_ERROR,
                String.valueOf(cause.getMessage()));
    }

    /// From any thread, as removals end on the loops of the disks.
    private static void write(ChannelHandlerContext context, Answer answer, boolean keepAlive) {
        byte[] body = answer.json().getBytes(StandardCharsets.UTF_8);
        var response =
                new DefaultFullHttpResponse(
                        HttpVersion.HTTP_1_1, answer.status(), Unpooled.wrappedBuffer(body));
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, "application/json");
        response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, body.length);
        if (!keepAlive) {
            response.headers().set(HttpHeaderNames.CONNECTION, "close");
        }
        var written = context.writeAndFlush(response);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }
}
