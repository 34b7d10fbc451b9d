package io.vfiouser.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator.ExtendedHandle;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vfiouser.os.FdBundle;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.transport.Chunk;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
final class InPlaceReceiveTest {
    private static final int READ_SIZE = 2048;
    private static final byte[] SMALL = Wire.message(9, new byte[16]);

    private final RecordingHandler handler = new RecordingHandler();
    private final FrameDecoder decoder = new FrameDecoder(handler, FrameLimits.DEFAULT);
    private final EmbeddedChannel channel = new EmbeddedChannel(decoder);
    private final ExtendedHandle handle = newHandle();
    private final Set<Integer> buffers = new HashSet<>();

    @BeforeAll
    static void loadNativeLibrary() {
        Descriptors.load();
    }

    @Test
    void theRestOfALargeMessageIsReadToItsPlace() {
        byte[] large = large();
        readAll(Unpooled.wrappedBuffer(SMALL, large, SMALL));
        assertThat(handler.frames).containsExactly(SMALL, large, SMALL);
        // Some small reads at both ends; nearly 1 MiB in the one buffer of the message.
        assertThat(buffers).hasSizeLessThan(8);
        channel.finishAndReleaseAll();
    }

    @Test
    void aReadThatBringsNothingLeavesTheMessagePending() {
        byte[] large = large();
        ByteBuf stream = Unpooled.wrappedBuffer(large);
        read(stream);
        ByteBuf unused = handle.allocate(channel.alloc());
        assertThat(unused.readableBytes()).isEqualTo(READ_SIZE);
        assertThat(unused.release()).as("the decoder still holds it").isFalse();
        readAll(stream);
        assertThat(handler.frames).containsExactly(large);
        channel.finishAndReleaseAll();
    }

    @Test
    void theBufferHasNoRoomForTheNextMessage() {
        ByteBuf stream = Unpooled.wrappedBuffer(Wire.message(10, new byte[10_000]), SMALL);
        read(stream);
        ByteBuf inPlace = handle.allocate(channel.alloc());
        assertThat(inPlace.writableBytes()).isEqualTo(10_016 - READ_SIZE);
        assertThat(inPlace.maxFastWritableBytes()).isLessThan(1 << 20);
        inPlace.release();
        channel.finishAndReleaseAll();
    }

    @Test
    void descriptorsReadIntoTheMiddleOfAMessageAreStrays() {
        ByteBuf stream = Unpooled.wrappedBuffer(large());
        read(stream);
        ByteBuf inPlace = handle.allocate(channel.alloc());
        inPlace.writeBytes(stream, 1000);
        channel.writeInbound(Chunk.of(inPlace, FdBundle.of(Descriptors.pipe())));
        assertThat(decoder.strayDescriptors()).isEqualTo(2);
        readAll(stream);
        assertThat(handler.frames).hasSize(1);
        channel.finishAndReleaseAll();
    }

    @Test
    void closeReleasesTheBufferOfAPendingMessage() {
        ByteBuf stream = Unpooled.wrappedBuffer(large());
        read(stream);
        ByteBuf inPlace = handle.allocate(channel.alloc());
        inPlace.release();
        channel.finishAndReleaseAll();
        assertThat(inPlace.refCnt()).isZero();
        assertThat(handler.frames).isEmpty();
    }

    @Test
    void asksTheFallbackWhetherToReadOn() {
        handle.reset(channel.config());
        handle.attemptedBytesRead(10);
        handle.lastBytesRead(10);
        assertThat(handle.continueReading(() -> false)).isFalse();
        assertThat(handle.continueReading(() -> true)).isTrue();
    }

    @Test
    void readsNoMoreThanTheHandlerTakes() {
        handle.reset(channel.config());
        handle.attemptedBytesRead(10);
        handle.lastBytesRead(10);
        handler.takesMore = false;
        assertThat(handle.continueReading(() -> true)).isFalse();
    }

    @Test
    void readsAMessageThatHasItsPlaceOnAllTheSame() {
        handle.reset(channel.config());
        handler.takesMore = false;
        ByteBuf stream = Unpooled.wrappedBuffer(large());
        read(stream);
        handle.attemptedBytesRead(10);
        handle.lastBytesRead(10);
        handle.allocate(channel.alloc()).release();
        assertThat(handle.continueReading(() -> true)).isTrue();
        readAll(stream);
        assertThat(handler.frames).hasSize(1);
        channel.finishAndReleaseAll();
    }

    private ExtendedHandle newHandle() {
        RecvByteBufAllocator allocator =
                decoder.receiveAllocator(
                        new FixedRecvByteBufAllocator(READ_SIZE).maxMessagesPerRead(16));
        return (ExtendedHandle) allocator.newHandle();
    }

    private void readAll(ByteBuf stream) {
        while (stream.isReadable()) {
            read(stream);
        }
    }

    /// One turn of a channel's read loop.
    private void read(ByteBuf stream) {
        ByteBuf buffer = handle.allocate(channel.alloc());
        buffers.add(System.identityHashCode(buffer.unwrap() == null ? buffer : buffer.unwrap()));
        int length = Math.min(buffer.writableBytes(), stream.readableBytes());
        buffer.writeBytes(stream, length);
        channel.writeInbound(buffer);
    }

    private static byte[] large() {
        byte[] payload = new byte[1 << 20];
        new Random(1).nextBytes(payload);
        return Wire.message(10, payload);
    }
}
