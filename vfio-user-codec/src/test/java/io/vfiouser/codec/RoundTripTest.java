package io.vfiouser.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import io.vfiouser.protocol.BulkMessage;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.Message;
import io.vfiouser.protocol.MessageHeader;
import io.vfiouser.protocol.Reply;
import io.vfiouser.protocol.Request;
import io.vfiouser.protocol.UnknownRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RoundTripTest {
    private static final int ROUNDS = 400;

    @ParameterizedTest
    @EnumSource
    void requestsComeBackAsTheyWere(Command command) {
        for (long seed = 0; seed < ROUNDS; seed++) {
            Request request = new RandomMessages(seed).request(command);
            ByteBuf frame = PooledByteBufAllocator.DEFAULT.buffer();
            MessageEncoder.encode(frame, 0xabcd, request, seed % 2 == 0);
            assertHeader(frame, 0xabcd, command, seed);
            assertThat(MessageHeader.noReply(frame, 0)).isEqualTo(seed % 2 == 0);
            assertComesBack(request, command, frame, seed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void repliesComeBackAsTheyWere(Command command) {
        for (long seed = 0; seed < ROUNDS; seed++) {
            Reply reply = new RandomMessages(seed).reply(command);
            ByteBuf frame = PooledByteBufAllocator.DEFAULT.buffer();
            MessageEncoder.encode(frame, 0x1234, command.id(), reply);
            assertHeader(frame, 0x1234, command, seed);
            assertComesBack(reply, command, frame, seed);
        }
    }

    @Test
    void numbersWithoutCommandComeBackAsUnknown() {
        for (int id : new int[] {0, 14, 19, 0xffff}) {
            var request = new UnknownRequest(id);
            ByteBuf frame = PooledByteBufAllocator.DEFAULT.buffer();
            MessageEncoder.encode(frame, 1, request, false);
            assertThat(MessageDecoder.clientRequest(frame)).isEqualTo(request);
            frame.release();
        }
    }

    private static void assertHeader(ByteBuf frame, int id, Command command, long seed) {
        MessageHeader header = MessageHeader.read(frame, 0);
        assertThat(header.messageId()).as("seed %d", seed).isEqualTo(id);
        assertThat(header.commandId()).as("seed %d", seed).isEqualTo(command.id());
        assertThat(header.size()).as("seed %d", seed).isEqualTo(frame.readableBytes());
    }

    private static void assertComesBack(
            Message message, Command command, ByteBuf frame, long seed) {
        Message decoded = Decoding.decode(message, command, frame);
        assertThat(decoded).as("seed %d", seed).isEqualTo(message);
        ReferenceCountUtil.release(message);
        assertReleased(message, seed);
        ReferenceCountUtil.release(decoded);
        frame.release();
        assertThat(frame.refCnt()).as("seed %d", seed).isZero();
    }

    private static void assertReleased(Message message, long seed) {
        if (message instanceof BulkMessage bulk && bulk.bulk().capacity() > 0) {
            assertThat(bulk.refCnt()).as("seed %d", seed).isZero();
        }
    }
}
