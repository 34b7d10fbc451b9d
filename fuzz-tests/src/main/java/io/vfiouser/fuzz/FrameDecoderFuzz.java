package io.vfiouser.fuzz;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.codec.FrameDecoder;
import io.vfiouser.codec.FrameHandler;
import io.vfiouser.codec.FrameLimits;
import io.vfiouser.codec.ProtocolViolationException;
import io.vfiouser.os.EventFd;
import io.vfiouser.os.FdBundle;
import io.vfiouser.transport.Chunk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A stream cut into reads anywhere, with descriptors on some of them: the frames are those of the
/// stream, whatever the cuts, and every descriptor ends closed.
///
/// Input: pieces of `u16` length (the upper four bits count descriptors, at most 3) and that many
/// bytes.
public final class FrameDecoderFuzz {
    private static final FrameLimits LIMITS = new FrameLimits(2048, 2);
    private static final int MAX_DESCRIPTORS = 40;

    private FrameDecoderFuzz() {}

    /// Runs one input.
    public static void fuzzerTestOneInput(byte[] bytes) {
        var input = new Input(bytes);
        var collector = new Collector();
        var channel = new EmbeddedChannel(new FrameDecoder(collector, LIMITS));
        var sent = new ArrayList<FileDescriptor>();
        ByteBuf stream = Unpooled.buffer();
        while (input.hasMore()) {
            int head = input.u16();
            byte[] piece = input.bytes(head & 0xfff);
            int descriptors = sent.size() < MAX_DESCRIPTORS ? Math.min(head >>> 12, 3) : 0;
            if (piece.length > 0) {
                stream.writeBytes(piece);
                channel.writeInbound(read(piece, descriptors, sent));
            }
        }
        channel.finishAndReleaseAll();
        check(collector, stream, sent);
        stream.release();
    }

    private static Object read(byte[] piece, int descriptors, List<FileDescriptor> sent) {
        ByteBuf bytes = Unpooled.copiedBuffer(piece);
        if (descriptors == 0) {
            return bytes;
        }
        var some = new ArrayList<FileDescriptor>();
        for (int i = 0; i < descriptors; i++) {
            some.add(EventFd.create().fd());
        }
        sent.addAll(some);
        return Chunk.of(bytes, FdBundle.ofOwned(some));
    }

    private static void check(Collector collector, ByteBuf stream, List<FileDescriptor> sent) {
        for (FileDescriptor descriptor : sent) {
            if (descriptor.isOpen()) {
                throw new AssertionError("descriptor: open (expected: closed)");
            }
        }
        int at = 0;
        for (byte[] frame : collector.frames) {
            byte[] expected = ByteBufUtil.getBytes(stream, at, frame.length);
            if (!Arrays.equals(frame, expected)) {
                throw new AssertionError("frame at %d: not what was sent".formatted(at));
            }
            if (stream.getUnsignedIntLE(at + 4) != frame.length) {
                throw new AssertionError("frame at %d: not of its size".formatted(at));
            }
            at += frame.length;
        }
        int left = stream.readableBytes() - at;
        boolean nextIsWhole =
                left >= 16
                        && stream.getUnsignedIntLE(at + 4) >= 16
                        && stream.getUnsignedIntLE(at + 4) <= left;
        if (!collector.violated && nextIsWhole) {
            throw new AssertionError("frame at %d: not delivered".formatted(at));
        }
        if (collector.ends != 1) {
            throw new AssertionError(
                    "streamEnded: %d times (expected: 1)".formatted(collector.ends));
        }
    }

    private static final class Collector implements FrameHandler {
        private final List<byte[]> frames = new ArrayList<>();
        private boolean violated;
        private int ends;

        @Override
        public void frame(ByteBuf frame, FdBundle descriptors) {
            if (violated) {
                throw new AssertionError("frame after a violation");
            }
            frames.add(ByteBufUtil.getBytes(frame));
            descriptors.close();
        }

        @Override
        public void framesDone() {}

        @Override
        public void streamViolated(ProtocolViolationException cause) {
            violated = true;
        }

        @Override
        public void streamEnded() {
            ends++;
        }
    }
}
