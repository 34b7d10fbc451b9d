package io.vfiouser.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.FdBundle;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.transport.Chunk;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoDescriptorLeaks.class)
final class DescriptorAttributionTest {
    private static final byte[] PLAIN = Wire.message(13);
    private static final byte[] TWO_FDS = Wire.message(8, new byte[20]);
    private static final byte[] ONE_FD = Wire.message(2, new byte[32]);
    private static final int TOTAL = PLAIN.length + TWO_FDS.length + ONE_FD.length;

    @BeforeAll
    static void loadNativeLibrary() {
        Descriptors.load();
    }

    @Test
    void descriptorsEndAtTheirMessageForAnyTwoReadBoundaries() {
        for (int first = 1; first <= TOTAL; first++) {
            for (int second = 1; second <= TOTAL - first + 1; second++) {
                assertAttributed("reads of " + first + ", " + second, sizes(first, second));
            }
        }
    }

    @Test
    void descriptorsEndAtTheirMessageForRandomReads() {
        for (long seed = 0; seed < 500; seed++) {
            var random = new Random(seed);
            assertAttributed("seed " + seed, () -> 1 + random.nextInt(1 + random.nextInt(40)));
        }
    }

    @Test
    void descriptorsSentWithAHeaderWaitForThePayload() {
        FileDescriptor[] pipe = Descriptors.pipe();
        var stream = new KernelStream();
        stream.send(PLAIN);
        stream.send(Wire.header(8, 36, 0), pipe);
        stream.send(new byte[20]);
        try (var handler = new RecordingHandler()) {
            EmbeddedChannel channel = receiveAll(stream, handler, () -> 4096);
            assertThat(handler.descriptors.get(0).count()).isZero();
            assertTaken(handler.descriptors.get(1), pipe);
            channel.finishAndReleaseAll();
        }
    }

    @Test
    void descriptorsOfAPartialHeaderAreClosedWithTheStream() {
        var stream = new KernelStream();
        FileDescriptor[] pipe = Descriptors.pipe();
        stream.send(new byte[] {1, 0, 8}, pipe);
        var handler = new RecordingHandler();
        EmbeddedChannel channel = receiveAll(stream, handler, () -> 4096);
        assertThat(pipe[0].isOpen()).isTrue();
        channel.close().syncUninterruptibly();
        assertThat(List.of(pipe)).noneMatch(FileDescriptor::isOpen);
        assertThat(handler.frames).isEmpty();
        assertThat(handler.endCount).isOne();
        channel.finishAndReleaseAll();
        assertThat(handler.endCount).isOne();
    }

    @Test
    void descriptorsOfAPartialPayloadAreClosedWhenTheDecoderIsRemoved() {
        var stream = new KernelStream();
        FileDescriptor[] pipe = Descriptors.pipe();
        stream.send(new byte[] {1, 0, 8, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3}, pipe);
        EmbeddedChannel channel = receiveAll(stream, new RecordingHandler(), () -> 4096);
        channel.pipeline().removeFirst();
        assertThat(List.of(pipe)).noneMatch(FileDescriptor::isOpen);
        channel.finishAndReleaseAll();
    }

    @Test
    void descriptorsWithoutAMessageAreClosedAndCounted() {
        FileDescriptor[] pipe = Descriptors.pipe();
        var handler = new RecordingHandler();
        var decoder = new FrameDecoder(handler, FrameLimits.DEFAULT);
        var channel = new EmbeddedChannel(decoder);
        channel.writeInbound(channel.alloc().buffer().writeBytes(TWO_FDS, 0, 20));
        channel.writeInbound(
                Chunk.of(channel.alloc().buffer().writeBytes(TWO_FDS, 20, 16), FdBundle.of(pipe)));
        assertThat(handler.frames).containsExactly(TWO_FDS);
        assertThat(handler.descriptors.getFirst().count()).isZero();
        assertThat(decoder.strayDescriptors()).isEqualTo(2);
        assertThat(List.of(pipe)).noneMatch(FileDescriptor::isOpen);
        channel.finishAndReleaseAll();
    }

    @Test
    void moreDescriptorsThanAllowedEndTheStream() {
        FileDescriptor[] pipe = Descriptors.pipe();
        var stream = new KernelStream();
        stream.send(PLAIN);
        stream.send(TWO_FDS, pipe);
        var handler = new RecordingHandler();
        var decoder = new FrameDecoder(handler, new FrameLimits(4096, 1));
        var channel = new EmbeddedChannel(decoder);
        channel.writeInbound(stream.receive(channel.alloc().buffer(), 4096));
        assertThat(handler.frames).containsExactly(PLAIN);
        assertThat(handler.violations).hasSize(1);
        assertThat(handler.violations.getFirst())
                .hasMessage("descriptors: 2 (expected: at most 1, maxDescriptorsPerMessage)");
        assertThat(List.of(pipe)).noneMatch(FileDescriptor::isOpen);
        channel.finishAndReleaseAll();
    }

    @Test
    void descriptorsAreClosedAfterAViolation() {
        FileDescriptor[] pipe = Descriptors.pipe();
        var stream = new KernelStream();
        stream.send(Wire.header(1, 15, 0));
        stream.send(TWO_FDS, pipe);
        var handler = new RecordingHandler();
        EmbeddedChannel channel = receiveAll(stream, handler, () -> 16);
        assertThat(handler.frames).isEmpty();
        assertThat(handler.violations).hasSize(1);
        assertThat(List.of(pipe)).noneMatch(FileDescriptor::isOpen);
        channel.finishAndReleaseAll();
    }

    private static void assertAttributed(String reads, IntSupplier sizes) {
        FileDescriptor[] second = Descriptors.pipe();
        FileDescriptor[] third = Descriptors.pipe();
        var stream = new KernelStream();
        stream.send(PLAIN);
        stream.send(TWO_FDS, second);
        stream.send(ONE_FD, third);
        try (var handler = new RecordingHandler()) {
            EmbeddedChannel channel = receiveAll(stream, handler, sizes);
            assertThat(handler.frames).as(reads).containsExactly(PLAIN, TWO_FDS, ONE_FD);
            assertThat(handler.descriptors.get(0).count()).as(reads).isZero();
            assertTaken(handler.descriptors.get(1), second);
            assertTaken(handler.descriptors.get(2), third);
            assertThat(channel.pipeline().get(FrameDecoder.class).strayDescriptors()).isZero();
            channel.finishAndReleaseAll();
        }
    }

    private static void assertTaken(FdBundle bundle, FileDescriptor[] expected) {
        assertThat(bundle.count()).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(bundle.peek(i)).isSameAs(expected[i]).matches(FileDescriptor::isOpen);
        }
    }

    private static EmbeddedChannel receiveAll(
            KernelStream stream, RecordingHandler handler, IntSupplier sizes) {
        var channel = new EmbeddedChannel(new FrameDecoder(handler, FrameLimits.DEFAULT));
        while (!stream.isEmpty()) {
            channel.writeInbound(stream.receive(channel.alloc().buffer(), sizes.getAsInt()));
        }
        return channel;
    }

    private static IntSupplier sizes(int first, int second) {
        var given = List.of(first, second).iterator();
        return () -> given.hasNext() ? given.next() : 4096;
    }
}
