package io.vfiouser.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A caller who asks faster than it reads, or sends slower than anybody needs.
class RequestPaceTest {
    private static final Duration TIME = Duration.ofSeconds(30);
    private static final String REQUEST = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

    private final Wire wire = new Wire();
    private final Calls calls = new Calls();
    private final EmbeddedChannel channel = new EmbeddedChannel();

    /// A peer that takes an answer when it is told to.
    private static final class Wire extends ChannelOutboundHandlerAdapter {
        final List<ChannelPromise> sent = new ArrayList<>();

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ReferenceCountUtil.release(message);
            sent.add(promise);
        }
    }

    private static final class Calls extends SimpleChannelInboundHandler<FullHttpRequest> {
        int count;

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            count++;
            var _ = ctx.writeAndFlush(Answer.json(HttpResponseStatus.OK, Map.of()));
        }
    }

    RequestPaceTest() {
        channel.freezeTime();
        channel.pipeline()
                .addLast(
                        wire,
                        new HttpServerCodec(),
                        new FlowControlHandler(),
                        new RequestBody(),
                        new RequestPace(TIME),
                        calls);
        channel.pipeline().fireChannelActive();
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII));
    }

    private void pass(Duration time) {
        channel.advanceTimeBy(time.toMillis(), TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
    }

    private void takeAnswer() {
        List<ChannelPromise> taken = List.copyOf(wire.sent);
        wire.sent.clear();
        taken.forEach(ChannelPromise::setSuccess);
        channel.runPendingTasks();
    }

    @Test
    void aRequestBehindAnotherWaitsUntilTheAnswerIsTaken() {
        send(REQUEST.repeat(100));
        assertThat(calls.count).isEqualTo(1);
        takeAnswer();
        assertThat(calls.count).isEqualTo(2);
        takeAnswer();
        assertThat(calls.count).isEqualTo(3);
    }

    @Test
    void whoSendsARequestByteByByteIsClosed() {
        for (int i = 0; i < 29; i++) {
            send(REQUEST.substring(i, i + 1));
            pass(Duration.ofSeconds(1));
        }
        assertThat(channel.isActive()).isTrue();
        pass(Duration.ofSeconds(2));
        assertThat(channel.isActive()).isFalse();
        assertThat(calls.count).isZero();
    }

    @Test
    void whoDoesNotTakeTheAnswerIsClosed() {
        send(REQUEST);
        pass(TIME.minusSeconds(1));
        assertThat(channel.isActive()).isTrue();
        pass(Duration.ofSeconds(2));
        assertThat(channel.isActive()).isFalse();
    }

    @Test
    void whoAsksNowAndThenIsServedForEver() {
        for (int i = 1; i <= 10; i++) {
            pass(TIME.minusSeconds(5));
            send(REQUEST);
            assertThat(calls.count).isEqualTo(i);
            takeAnswer();
        }
        assertThat(channel.isActive()).isTrue();
    }
}
