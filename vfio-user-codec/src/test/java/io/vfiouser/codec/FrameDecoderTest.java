package io.vfiouser.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vfiouser.os.FdBundle;
import io.vfiouser.testsupport.AllocatedBytes;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameDecoderTest {
    private static final int MAX = FrameLimits.DEFAULT.maxMessageSize();
    private static final byte[] SMALL = Wire.message(9, new byte[16]);

    private final RecordingHandler handler = new RecordingHandler();
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new FrameDecoder(handler, FrameLimits.DEFAULT));

    @ParameterizedTest
    @ValueSource(longs = {0, 15, 1048609, 0x7fffffff, 0x80000000L, 0xffffffffL})
    void refusesSizesOutsideTheLimitsBeforeAnythingIsAllocated(long size) {
        channel.config().setAllocator(refusingAllocator());
        channel.writeInbound(Unpooled.wrappedBuffer(Wire.header(9, size, 0)));
        assertThat(handler.violations).hasSize(1);
        assertThat(handler.violations.getFirst())
                .hasMessage("message size: " + size + " (expected: 16 to 1048608, maxMessageSize)");
        assertThat(handler.frames).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 15})
    void refusesOtherTypesThanCommandAndReply(int type) {
        channel.writeInbound(Unpooled.wrappedBuffer(Wire.header(9, 32, type)));
        assertThat(handler.violations)
                .singleElement()
                .asString()
                .contains("message type: " + type + " (expected: 0, a command, or 1, a reply)");
    }

    @Test
    void ignoresReservedFlags() {
        byte[] message = Wire.header(13, 16, 0xffffffc0);
        channel.writeInbound(Unpooled.wrappedBuffer(message));
        assertThat(handler.frames).containsExactly(message);
    }

    @Test
    void deliversWhatCameBeforeAViolationAndNothingAfter() {
        channel.writeInbound(
                Unpooled.wrappedBuffer(SMALL, Wire.header(9, 3, 0), SMALL),
                Unpooled.wrappedBuffer(SMALL));
        assertThat(handler.frames).containsExactly(SMALL);
        assertThat(handler.violations).hasSize(1);
        channel.close().syncUninterruptibly();
        assertThat(handler.endCount).isOne();
    }

    @Test
    void tellsWhenAllOfAReadIsDelivered() {
        channel.writeInbound(Unpooled.wrappedBuffer(SMALL, SMALL));
        assertThat(handler.doneCount).isOne();
        channel.writeInbound(Unpooled.wrappedBuffer(Wire.header(9, 0, 0)));
        assertThat(handler.doneCount).as("not after a violation").isOne();
    }

    @Test
    void passesOnWhatIsNoChunk() {
        assertThat(channel.writeInbound("text")).isTrue();
        assertThat(channel.<String>readInbound()).isEqualTo("text");
    }

    @Test
    void aHeaderAloneDoesNotMakeRoomForALargeMessage() {
        var allocator = new UnpooledByteBufAllocator(false);
        channel.config().setAllocator(allocator);
        channel.writeInbound(Unpooled.wrappedBuffer(Wire.header(10, MAX, 0)));
        assertThat(allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory())
                .isEqualTo(PartialMessage.FIRST_CAPACITY);
        channel.finishAndReleaseAll();
        assertThat(allocator.metric().usedHeapMemory()).isZero();
        assertThat(allocator.metric().usedDirectMemory()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 65_535, 65_536, 65_537, 300_000})
    void gathersTheLargestMessageFromPieces(int piece) {
        byte[] payload = new byte[MAX - 16];
        new Random(piece).nextBytes(payload);
        byte[] message = Wire.message(10, payload);
        ByteBuf stream = Unpooled.wrappedBuffer(SMALL, message, SMALL);
        while (stream.isReadable()) {
            int length = Math.min(piece, stream.readableBytes());
            channel.writeInbound(channel.alloc().buffer(length).writeBytes(stream, length));
        }
        assertThat(handler.frames).containsExactly(SMALL, message, SMALL);
    }

    @Test
    void framesMayOutliveTheCallByTheirReferences() {
        var kept = new ArrayList<ByteBuf>();
        var keeping =
                new EmbeddedChannel(
                        new FrameDecoder(
                                new ForwardingHandler(frame -> kept.add(frame.retainedDuplicate())),
                                FrameLimits.DEFAULT));
        byte[] stream = Wire.message(9, new byte[] {1, 2, 3});
        ByteBuf split = keeping.alloc().buffer().writeBytes(stream).writeBytes(stream, 0, 17);
        keeping.writeInbound(split);
        keeping.writeInbound(keeping.alloc().buffer().writeBytes(stream, 17, 2));
        keeping.finishAndReleaseAll();
        assertThat(kept).hasSize(2).allMatch(frame -> frame.equals(Unpooled.wrappedBuffer(stream)));
        kept.forEach(frame -> assertThat(frame.release()).isTrue());
    }

    @Test
    void aViolationFoundByTheHandlerEndsTheStream() {
        var recording = new RecordingHandler();
        var refusing =
                new ForwardingHandler(
                        recording,
                        _ -> {
                            throw new ProtocolViolationException("reply: none asked for");
                        });
        var embedded = new EmbeddedChannel(new FrameDecoder(refusing, FrameLimits.DEFAULT));
        embedded.writeInbound(Unpooled.wrappedBuffer(SMALL, SMALL));
        assertThat(recording.violations).hasSize(1);
        assertThat(refusing.calls).isOne();
        embedded.finishAndReleaseAll();
    }

    @Test
    void anExceptionOfTheHandlerEndsTheStreamAndIsSeen() {
        var recording = new RecordingHandler();
        var failing =
                new ForwardingHandler(
                        recording,
                        _ -> {
                            throw new IllegalStateException("bug");
                        });
        var embedded = new EmbeddedChannel(new FrameDecoder(failing, FrameLimits.DEFAULT));
        ByteBuf bytes = PooledByteBufAllocator.DEFAULT.buffer().writeBytes(SMALL).writeBytes(SMALL);
        assertThatThrownBy(() -> embedded.writeInbound(bytes)).hasMessage("bug");
        embedded.writeInbound(Unpooled.wrappedBuffer(SMALL));
        assertThat(failing.calls).isOne();
        assertThat(recording.violations).isEmpty();
        assertThat(bytes.refCnt()).isZero();
        embedded.finishAndReleaseAll();
    }

    @Test
    void nothingIsDeliveredOnceTheHandlerRemovedTheDecoder() {
        var removing = new EmbeddedChannel();
        var forwarding = new ForwardingHandler(_ -> removing.pipeline().removeFirst());
        removing.pipeline().addFirst(new FrameDecoder(forwarding, FrameLimits.DEFAULT));
        removing.writeInbound(Unpooled.wrappedBuffer(SMALL, SMALL, new byte[] {1, 2, 3}));
        assertThat(forwarding.calls).isOne();
        removing.finishAndReleaseAll();
    }

    @Test
    void wholeMessagesMakeNoGarbage() {
        var counting = new ForwardingHandler(_ -> {});
        var decoder = new FrameDecoder(counting, FrameLimits.DEFAULT);
        var embedded = new EmbeddedChannel(decoder);
        var context = embedded.pipeline().firstContext();
        int messages = 10_000;
        // Of a kind without leak detection, which notes each access on the heap.
        ByteBuf stream = Unpooled.buffer(messages * SMALL.length);
        for (int i = 0; i < messages; i++) {
            stream.writeBytes(SMALL);
        }
        long allocated = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            stream.readerIndex(0);
            stream.retain();
            allocated = AllocatedBytes.by(() -> decoder.channelRead(context, stream));
        }
        assertThat(counting.calls).isEqualTo(5 * messages);
        assertThat(allocated).as("bytes for %d messages", messages).isLessThan(messages);
        stream.release();
        embedded.finishAndReleaseAll();
    }

    private static ByteBufAllocator refusingAllocator() {
        return (ByteBufAllocator)
                Proxy.newProxyInstance(
                        FrameDecoderTest.class.getClassLoader(),
                        new Class<?>[] {ByteBufAllocator.class},
                        (_, method, _) -> {
                            throw new AssertionError(method + " (expected: no allocation)");
                        });
    }

    /// Calls a function for each frame.
    private static final class ForwardingHandler implements FrameHandler {
        private final RecordingHandler rest;
        private final Consumer<ByteBuf> onFrame;
        private int calls;

        ForwardingHandler(Consumer<ByteBuf> onFrame) {
            this(new RecordingHandler(), onFrame);
        }

        ForwardingHandler(RecordingHandler rest, Consumer<ByteBuf> onFrame) {
            this.rest = rest;
            this.onFrame = onFrame;
        }

        @Override
        public void frame(ByteBuf frame, FdBundle descriptors) {
            calls++;
            onFrame.accept(frame);
        }

        @Override
        public void framesDone() {
            rest.framesDone();
        }

        @Override
        public void streamViolated(ProtocolViolationException cause) {
            rest.streamViolated(cause);
        }

        @Override
        public void streamEnded() {
            rest.streamEnded();
        }
    }
}
