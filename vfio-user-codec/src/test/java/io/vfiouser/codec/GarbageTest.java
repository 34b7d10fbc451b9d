package io.vfiouser.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.MessageHeader;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a peer sends ends in a message or in one of the two exceptions, never in anything else.
final class GarbageTest {
    private static final int INPUTS = 50_000;
    private static final List<Command> COMMANDS = List.of(Command.values());

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void nothingAPeerSendsEndsInAnotherException(long seed) {
        var random = new Random(seed);
        var handler = new DecodeEverything();
        EmbeddedChannel channel = newChannel(handler);
        for (int i = 0; i < INPUTS; i++) {
            byte[] input = input(random);
            try {
                channel.writeInbound(Unpooled.wrappedBuffer(input));
            } catch (RuntimeException | Error e) {
                throw new AssertionError(
                        "seed %d, input %d: %s".formatted(seed, i, ByteBufUtil.hexDump(input)), e);
            }
            if (handler.violated || random.nextInt(100) == 0) {
                channel.finishAndReleaseAll();
                channel = newChannel(handler);
            }
        }
        channel.finishAndReleaseAll();
        assertThat(handler.messages)
                .as("inputs that were read as a message")
                .isGreaterThan(INPUTS / 2);
    }

    private static EmbeddedChannel newChannel(DecodeEverything handler) {
        handler.violated = false;
        return new EmbeddedChannel(new FrameDecoder(handler, new FrameLimits(4096, 4)));
    }

    private static byte[] input(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> noise(random);
            case 1 -> plausible(random);
            case 2 -> mutated(Golden.ALL.get(random.nextInt(Golden.ALL.size())).bytes(), random);
            default -> mutated(encoded(random), random);
        };
    }

    private static byte[] noise(Random random) {
        byte[] bytes = new byte[random.nextInt(80)];
        random.nextBytes(bytes);
        return bytes;
    }

    /// A sound header with a random payload that is rich in small numbers.
    private static byte[] plausible(Random random) {
        byte[] payload = new byte[random.nextInt(100)];
        for (int i = 0; i < payload.length; i++) {
            payload[i] =
                    switch (random.nextInt(6)) {
                        case 0 -> (byte) random.nextInt();
                        case 1 -> (byte) random.nextInt(64);
                        default -> 0;
                    };
        }
        return Wire.message(random.nextInt(20), payload);
    }

    private static byte[] encoded(Random random) {
        var messages = new RandomMessages(random.nextLong());
        Command command = COMMANDS.get(random.nextInt(COMMANDS.size()));
        ByteBuf out = Unpooled.buffer();
        if (random.nextBoolean()) {
            var request = messages.request(command);
            MessageEncoder.encode(out, 1, request, false);
            ReferenceCountUtil.release(request);
        } else {
            var reply = messages.reply(command);
            MessageEncoder.encode(out, 1, command.id(), reply);
            ReferenceCountUtil.release(reply);
        }
        return ByteBufUtil.getBytes(out);
    }

    private static byte[] mutated(byte[] message, Random random) {
        byte[] bytes = message.clone();
        for (int n = random.nextInt(4); n > 0; n--) {
            // The size field mostly stays, or hardly a payload would be reached.
            int at = random.nextInt(bytes.length);
            if (at < 4 || at >= 8 || random.nextInt(10) == 0) {
                bytes[at] = random.nextBoolean() ? (byte) 0xff : (byte) random.nextInt();
            }
        }
        return bytes;
    }

    /// Reads each frame in every way there is, then closes like a session would.
    private static final class DecodeEverything implements FrameHandler {
        private boolean violated;
        private int messages;

        @Override
        public void frame(ByteBuf frame, FdBundle descriptors) {
            int references = frame.refCnt();
            WireTrace.describe(frame);
            attempt(() -> MessageDecoder.clientRequest(frame));
            attempt(() -> MessageDecoder.serverRequest(frame));
            Command command = commandOf(frame);
            attempt(() -> Decoding.reply(command, frame));
            if (frame.refCnt() != references) {
                throw new AssertionError("references left: " + (frame.refCnt() - references));
            }
            descriptors.close();
        }

        /// The command of the frame, or any for a number without one.
        private static Command commandOf(ByteBuf frame) {
            int id = MessageHeader.commandId(frame, frame.readerIndex());
            return Command.of(id).orElseGet(() -> COMMANDS.get(id % COMMANDS.size()));
        }

        @Override
        public void framesDone() {}

        @Override
        public void streamViolated(ProtocolViolationException cause) {
            violated = true;
            checkWording(cause);
        }

        @Override
        public void streamEnded() {}

        private void attempt(Supplier<Object> decode) {
            try {
                ReferenceCountUtil.release(decode.get());
                messages++;
            } catch (RequestRejectedException | ProtocolViolationException e) {
                checkWording(e);
            }
        }

        private static void checkWording(RuntimeException e) {
            if (!String.valueOf(e.getMessage()).contains("(expected: ")) {
                throw new AssertionError("wording", e);
            }
        }
    }
}
