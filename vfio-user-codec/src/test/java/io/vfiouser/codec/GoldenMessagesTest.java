package io.vfiouser.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import io.vfiouser.protocol.Message;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

final class GoldenMessagesTest {
    private static final List<Golden> GOLDEN = Golden.ALL;

    @ParameterizedTest
    @FieldSource("GOLDEN")
    void decodesToTheValue(Golden golden) {
        ByteBuf frame = PooledByteBufAllocator.DEFAULT.buffer().writeBytes(golden.bytes());
        Message decoded = golden.decode(frame);
        assertThat(decoded).isEqualTo(golden.message());
        assertThat(frame.readerIndex()).isZero();
        assertThat(frame.readableBytes()).isEqualTo(golden.bytes().length);
        ReferenceCountUtil.release(frame);
        if (decoded instanceof ReferenceCounted bulk) {
            assertThat(bulk.release()).as("memory of the frame is shared and counted").isTrue();
        }
        assertThat(frame.refCnt()).isZero();
    }

    @ParameterizedTest
    @FieldSource("GOLDEN")
    void encodesToTheBytes(Golden golden) {
        ByteBuf out = Unpooled.buffer().writeInt(0x55555555);
        golden.encodeTo(out);
        assertThat(out.readInt()).isEqualTo(0x55555555);
        assertThat(ByteBufUtil.hexDump(out))
                .isEqualTo(ByteBufUtil.hexDump(Unpooled.wrappedBuffer(golden.bytes())));
    }

    @ParameterizedTest
    @FieldSource("GOLDEN")
    void isDeliveredWholeFromEveryTwoSplitPoints(Golden golden) {
        byte[] bytes = golden.bytes();
        for (int first = 0; first <= bytes.length; first++) {
            for (int second = first; second <= bytes.length; second++) {
                assertDelivered(List.of(golden), bytes, first, second);
            }
        }
    }

    @ParameterizedTest
    @FieldSource("GOLDEN")
    void isDeliveredWholeByteByByte(Golden golden) {
        var handler = new RecordingHandler();
        var channel = new EmbeddedChannel(new FrameDecoder(handler, FrameLimits.DEFAULT));
        for (byte b : golden.bytes()) {
            channel.writeInbound(channel.alloc().buffer(1).writeByte(b));
        }
        assertThat(handler.frames).containsExactly(golden.bytes());
        channel.finishAndReleaseAll();
    }

    @Test
    void allAreDeliveredFromOneStreamAtEverySplitPoint() {
        byte[] stream = glued(GOLDEN);
        for (int split = 0; split <= stream.length; split++) {
            assertDelivered(GOLDEN, stream, split, split);
        }
    }

    private static void assertDelivered(List<Golden> expected, byte[] stream, int... splits) {
        var handler = new RecordingHandler();
        var channel = new EmbeddedChannel(new FrameDecoder(handler, FrameLimits.DEFAULT));
        int from = 0;
        for (int to : new int[] {splits[0], splits[1], stream.length}) {
            channel.writeInbound(channel.alloc().buffer().writeBytes(stream, from, to - from));
            from = to;
        }
        assertThat(handler.violations).isEmpty();
        assertThat(handler.frames)
                .as("splits at %s", splits)
                .containsExactlyElementsOf(expected.stream().map(Golden::bytes).toList());
        channel.finishAndReleaseAll();
        assertThat(handler.endCount).isOne();
    }

    private static byte[] glued(List<Golden> messages) {
        ByteBuf all = Unpooled.buffer();
        var parts = new ArrayList<>(messages);
        parts.forEach(golden -> all.writeBytes(golden.bytes()));
        return ByteBufUtil.getBytes(all);
    }
}
