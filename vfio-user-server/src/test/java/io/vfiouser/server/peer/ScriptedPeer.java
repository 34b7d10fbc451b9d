package io.vfiouser.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vfiouser.server.loop.DeviceLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/// A client of [PeerCalls] that gets and says what a test writes out in hex, on a loop whose clock
/// stands still.
final class ScriptedPeer implements RequestSink {
    static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<ByteBuf> buffers = new ArrayList<>();
    private final Queue<String> sent = new ArrayDeque<>();
    private final PeerCalls calls;

    ScriptedPeer(PeerTraits traits) {
        channel.freezeTime();
        calls = new PeerCalls(new DeviceLoop(channel.eventLoop()), this, traits, 4096, TIMEOUT);
    }

    PeerCalls calls() {
        return calls;
    }

    /// The next message that was sent.
    void expect(String hex) {
        assertThat(sent.poll()).isEqualTo(packed(hex));
    }

    void expectNothing() {
        assertThat(sent).isEmpty();
    }

    void answer(String hex) {
        ByteBuf frame = Unpooled.wrappedBuffer(HexFormat.of().parseHex(packed(hex)));
        calls.reply(frame);
        frame.release();
    }

    /// Lets time pass.
    void pass(Duration time) {
        channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
    }

    /// No buffer that was asked for is left over.
    void expectNoBufferHeld() {
        assertThat(buffers).allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
    }

    @Override
    public ByteBuf buffer(int size) {
        ByteBuf buffer = Unpooled.buffer(size);
        buffers.add(buffer);
        return buffer;
    }

    @Override
    public void send(ByteBuf message) {
        sent.add(ByteBufUtil.hexDump(message));
        message.release();
    }

    private static String packed(String hex) {
        return hex.replaceAll("\\s", "");
    }
}
