package io.vfiouser.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vfiouser.os.FdBundle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Messages whose data goes straight to a place that the handler names.
final class PlacedMessageTest {
    private static final int HEAD = 16;
    private static final int DATA = 100_000;
    private static final byte[] SMALL = Wire.message(9, new byte[16]);

    private final Placing handler = new Placing();
    private final FrameDecoder decoder = new FrameDecoder(handler, FrameLimits.DEFAULT);
    private final EmbeddedChannel channel = new EmbeddedChannel(decoder);
    private final ByteBuf place = Unpooled.directBuffer(DATA, DATA);
    private final byte[] data = new byte[DATA];

    PlacedMessageTest() {
        new Random(2).nextBytes(data);
    }

    @AfterEach
    void releaseEverything() {
        channel.finishAndReleaseAll();
        assertThat(place.release()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {HEAD, 100, 2048, 8192, HEAD + DATA - 1})
    void theDataGoesToItsPlaceHoweverItComes(int readSize) {
        read(readSize, Unpooled.wrappedBuffer(SMALL, Wire.message(10, data), SMALL));
        assertThat(handler.seen).containsExactly("frame 32", "placed 16", "frame 32");
        assertThat(ByteBufUtil.getBytes(place, 0, DATA)).isEqualTo(data);
        assertThat(place.refCnt()).isOne();
    }

    @Test
    void aHandlerMayWantItWholeAfterAll() {
        handler.takes = false;
        read(2048, Unpooled.wrappedBuffer(Wire.message(10, data), SMALL));
        assertThat(handler.seen).containsExactly("frame " + (HEAD + DATA), "frame 32");
        assertThat(handler.whole).isEqualTo(Wire.message(10, data));
        assertThat(place.refCnt()).isOne();
    }

    @Test
    void whatHasComeCanBeTakenBackFromItsPlace() {
        byte[] message = Wire.message(10, data);
        read(2048, Unpooled.wrappedBuffer(Arrays.copyOf(message, 50_000)));
        decoder.gather(channel.alloc());
        place.setZero(0, DATA);
        decoder.viewPartial((bytes, _) -> assertThat(bytes.readableBytes()).isEqualTo(50_000));
        read(2048, Unpooled.wrappedBuffer(message).skipBytes(50_000));
        assertThat(handler.whole).isEqualTo(message);
        assertThat(place.refCnt()).isOne();
    }

    @Test
    void theEndOfTheStreamLetsGoOfThePlace() {
        read(2048, Unpooled.wrappedBuffer(Arrays.copyOf(Wire.message(10, data), 50_000)));
        assertThat(place.refCnt()).isEqualTo(2);
        channel.finishAndReleaseAll();
        assertThat(place.refCnt()).isOne();
        assertThat(handler.seen).isEmpty();
    }

    private void read(int size, ByteBuf stream) {
        var handle =
                (ExtendedHandle)
                        decoder.receiveAllocator(new FixedRecvByteBufAllocator(size)).newHandle();
        while (stream.isReadable()) {
            ByteBuf buffer = handle.allocate(channel.alloc());
            buffer.writeBytes(stream, Math.min(buffer.writableBytes(), stream.readableBytes()));
            channel.writeInbound(buffer);
        }
        stream.release();
    }

    private final class Placing implements FrameHandler {
        private final List<String> seen = new ArrayList<>();
        private byte[] whole = {};
        private boolean takes = true;

        @Override
        public Optional<ByteBuf> place(ByteBuf beginning, int size) {
            return size < DATA ? Optional.empty() : Optional.of(place.retain());
        }

        @Override
        public boolean placed(ByteBuf head) {
            if (takes) {
                seen.add("placed " + head.readableBytes());
            }
            return takes;
        }

        @Override
        public void frame(ByteBuf frame, FdBundle descriptors) {
            seen.add("frame " + frame.readableBytes());
            if (frame.readableBytes() > SMALL.length) {
                whole = ByteBufUtil.getBytes(frame);
            }
        }

        @Override
        public void framesDone() {}

        @Override
        public void streamViolated(ProtocolViolationException cause) {
            throw cause;
        }

        @Override
        public void streamEnded() {}
    }
}
