package io.vfiouser.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.unix.FileDescriptor;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DeviceReset;
import io.vfiouser.protocol.ErrorReply;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.UnknownRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/// Which reply belongs to which command, and what becomes of replies that belong to none.
final class RepliesTest extends ClientTest {
    private static final String READ_CONFIG =
            "01 00 09 00 20 00 00 00 00 00 00 00 00 00 00 00"
                    + "00 00 00 00 00 00 00 00 07 00 00 00 04 00 00 00";
    private static final String READ_CONFIG_REPLY =
            "01 00 09 00 24 00 00 00 01 00 00 00 00 00 00 00"
                    + "00 00 00 00 00 00 00 00 07 00 00 00 04 00 00 00 58 4e 01 00";

    @Test
    void readsTheGoldenRegister() {
        try (VfioUserClient client = connect()) {
            var reading = beside(() -> client.read(7, 0, 4));
            server.expect(READ_CONFIG);
            server.send(READ_CONFIG_REPLY);
            assertThat(reading.join()).isEqualTo(0x0001_4e58L);
        }
    }

    @Test
    void takesAReplyInSingleBytes() {
        try (VfioUserClient client = connect()) {
            var reading = beside(() -> client.read(7, 0, 4));
            server.expect(READ_CONFIG);
            String hex = READ_CONFIG_REPLY.replace(" ", "");
            for (int i = 0; i < hex.length(); i += 2) {
                server.send(hex.substring(i, i + 2));
            }
            assertThat(reading.join()).isEqualTo(0x0001_4e58L);
        }
    }

    @Test
    void throwsTheErrnoOfAnErrorReply() {
        try (VfioUserClient client = connect()) {
            var reading = beside(() -> client.read(7, 0, 4));
            server.expect(READ_CONFIG);
            server.send("01 00 09 00 10 00 00 00 21 00 00 00 16 00 00 00");
            assertThatThrownBy(reading::join)
                    .cause()
                    .isInstanceOf(RemoteErrorException.class)
                    .hasMessage("REGION_READ: EINVAL (Invalid argument)");
            assertThat(client.isOpen()).isTrue();
        }
    }

    @Test
    void takesAnErrorReplyWithPayload() {
        try (VfioUserClient client = connect()) {
            var reading = beside(() -> client.read(7, 0, 4));
            server.expect(READ_CONFIG);
            server.send(
                    READ_CONFIG_REPLY.replaceFirst(
                            "01 00 00 00 00 00 00 00", "21 00 00 00 05 00 00 00"));
            assertThatThrownBy(reading::join)
                    .cause()
                    .isInstanceOfSatisfying(
                            RemoteErrorException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
            readsAgain(client);
        }
    }

    @Test
    void takesAnErrorReplyThatNamesNoErrnoAsEinval() {
        try (VfioUserClient client = connect()) {
            var resetting = client.async().reset();
            server.expect("01 00 0d 00 10 00 00 00 00 00 00 00 00 00 00 00");
            server.send("01 00 0d 00 10 00 00 00 21 00 00 00 00 00 00 00");
            assertThatThrownBy(resetting::join)
                    .cause()
                    .isInstanceOfSatisfying(
                            RemoteErrorException.class,
                            e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        }
    }

    @Test
    void givesAnErrorReplyAsItIsToWhoeverAsksForThat() {
        try (VfioUserClient client = connect()) {
            var sending = client.async().send(new UnknownRequest(0x13), FdBundle.empty());
            server.expect("01 00 13 00 10 00 00 00 00 00 00 00 00 00 00 00");
            server.send("01 00 13 00 10 00 00 00 21 00 00 00 16 00 00 00");
            try (ServerAnswer answer = sending.join()) {
                assertThat(answer.reply()).isEqualTo(new ErrorReply(Errno.EINVAL));
            }
        }
    }

    @Test
    void findsTheCallOfEachReplyInAnyOrder() {
        try (VfioUserClient client = connect()) {
            var first = client.async().regionRead(0, 0, 1);
            var second = client.async().regionRead(0, 1, 1);
            server.expect(read(1, 0));
            server.expect(read(2, 1));
            server.send(readReply(2, 1, 0xbb));
            assertThat(second.join()).containsExactly(0xbb);
            assertThat(first).isNotDone();
            server.send(readReply(1, 0, 0xaa));
            assertThat(first.join()).containsExactly(0xaa);
        }
    }

    @Test
    void keepsManyCommandsUnderWay() {
        try (VfioUserClient client = connect()) {
            var reads = new ArrayList<CompletableFuture<byte[]>>();
            for (int i = 0; i < 200; i++) {
                reads.add(client.async().regionRead(0, i, 1));
            }
            for (int i = 0; i < 200; i++) {
                server.expect(read(i + 1, i));
            }
            var replies = new StringBuilder();
            for (int i = 0; i < 200; i++) {
                replies.append(readReply(i + 1, i, 255 - i));
            }
            server.send(replies.toString());
            for (int i = 0; i < 200; i++) {
                assertThat(reads.get(i).join()).containsExactly(255 - i);
            }
        }
    }

    @Test
    void dropsTheReplyThatComesAfterTheTimeout() {
        try (VfioUserClient client = connect();
                SharedMemory memory = SharedMemory.create("late", 4096)) {
            var late = client.withTimeout(Duration.ofMillis(20)).async().regionInfo(0);
            assertThatThrownBy(late::join)
                    .cause()
                    .isInstanceOf(ReplyTimeoutException.class)
                    .hasMessage(
                            "reply to DEVICE_GET_REGION_INFO id=0x1: nothing came"
                                    + " (expected: within timeout, PT0.02S)");
            server.expect(
                    """
                    01 00 05 00 30 00 00 00 00 00 00 00 00 00 00 00
                    20 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                    """);
            server.send(
                    """
                    01 00 05 00 30 00 00 00 01 00 00 00 00 00 00 00
                    20 00 00 00 07 00 00 00 00 00 00 00 00 00 00 00
                    00 10 00 00 00 00 00 00 00 00 00 00 00 00 00 00
                    """,
                    memory.duplicate());
            readsAgain(client);
        }
    }

    @Test
    void closesDescriptorsThatComeWithAReplyThatHasNoneByTheSpecification() {
        try (VfioUserClient client = connect();
                SharedMemory memory = SharedMemory.create("stray", 4096)) {
            var reading = beside(() -> client.read(7, 0, 4));
            server.expect(READ_CONFIG);
            server.send(READ_CONFIG_REPLY, memory.duplicate(), memory.duplicate());
            assertThat(reading.join()).isEqualTo(0x0001_4e58L);
        }
    }

    @Test
    void namesTheBytesOfAReplyThatIsTooShort() {
        try (VfioUserClient client = connect()) {
            var reading = client.async().regionRead(7, 0, 4);
            server.expect(READ_CONFIG);
            server.send("01 00 09 00 14 00 00 00 01 00 00 00 00 00 00 00 01 02 03 04");
            assertThatThrownBy(reading::join)
                    .cause()
                    .isInstanceOf(MalformedReplyException.class)
                    .hasMessageContaining("REGION_READ id=0x1")
                    .hasMessageContaining("payload: 4 bytes (expected: >= 16)")
                    .hasMessageContaining(
                            "20 bytes: 010009001400000001000000000000000" + "1020304");
            readsAgain(client);
        }
    }

    @Test
    void refusesMoreDataThanWereAskedFor() {
        try (VfioUserClient client = connect()) {
            var reading = client.async().regionRead(7, 0, 2);
            server.expect(READ_CONFIG.replace("04 00 00 00", "02 00 00 00"));
            server.send(READ_CONFIG_REPLY);
            assertThatThrownBy(reading::join)
                    .hasRootCauseMessage(
                            "REGION_READ: count 4 in the reply"
                                    + " (expected: at most 2, what was asked for)");
        }
    }

    @Test
    void doesNotTakeAShortReadForARegister() {
        try (VfioUserClient client = connect()) {
            var reading = beside(() -> client.read(7, 0, 8));
            server.expect(READ_CONFIG.replace("04 00 00 00", "08 00 00 00"));
            server.send(READ_CONFIG_REPLY);
            assertThatThrownBy(reading::join)
                    .hasRootCauseMessage("REGION_READ: count 4 in the reply (expected: 8)");
        }
    }

    @Test
    void closesOnAReplyThatNoCommandWaitsFor() {
        try (VfioUserClient client = connect()) {
            var resetting = client.async().reset();
            server.expect("01 00 0d 00 10 00 00 00 00 00 00 00 00 00 00 00");
            server.send("07 00 0d 00 10 00 00 00 01 00 00 00 00 00 00 00");
            assertThatThrownBy(resetting::join)
                    .cause()
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageContaining("closed before DEVICE_RESET id=0x1")
                    .hasMessageContaining("a reply that no command waits for")
                    .hasMessageContaining("16 bytes: 07000d0010000000010000000" + "0000000");
            server.expectClose();
            assertThatThrownBy(client.closed().toCompletableFuture()::join)
                    .hasCauseInstanceOf(ConnectionClosedException.class);
        }
    }

    @Test
    void closesOnAReplyWithAnotherCommandThanItsId() {
        try (VfioUserClient client = connect()) {
            var resetting = client.async().reset();
            server.expect("01 00 0d 00 10 00 00 00 00 00 00 00 00 00 00 00");
            server.send("01 00 08 00 10 00 00 00 01 00 00 00 00 00 00 00");
            assertThatThrownBy(resetting::join)
                    .cause()
                    .isInstanceOf(MalformedReplyException.class)
                    .hasMessageContaining("a reply with another command than DEVICE_RESET id=0x1");
            server.expectClose();
        }
    }

    @Test
    void closesOnAMessageOfNoType() {
        try (VfioUserClient client = connect()) {
            var resetting = client.async().reset();
            server.expect("01 00 0d 00 10 00 00 00 00 00 00 00 00 00 00 00");
            server.send("01 00 0d 00 10 00 00 00 02 00 00 00 00 00 00 00");
            assertThatThrownBy(resetting::join)
                    .cause()
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageContaining("message type: 2");
            server.expectClose();
        }
    }

    @Test
    void closesOnASizeThatNoMessageHas() {
        try (VfioUserClient client = connect()) {
            var resetting = client.async().reset();
            server.expect("01 00 0d 00 10 00 00 00 00 00 00 00 00 00 00 00");
            server.send("01 00 0d 00 ff ff ff ff 01 00 00 00 00 00 00 00");
            assertThatThrownBy(resetting::join)
                    .cause()
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageContaining("message size: 4294967295");
            server.expectClose();
        }
    }

    @Test
    void failsAllCallsIfTheServerClosesInTheMiddleOfAReply() {
        try (VfioUserClient client = connect()) {
            var reading = client.async().regionRead(7, 0, 4);
            var resetting = client.async().reset();
            server.expect(READ_CONFIG);
            server.send(READ_CONFIG_REPLY.substring(0, 59));
            server.closeClient();
            assertThatThrownBy(reading::join)
                    .cause()
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageEndingWith("closed by the server before REGION_READ id=0x1");
            assertThatThrownBy(resetting::join)
                    .cause()
                    .isInstanceOf(ConnectionClosedException.class)
                    .hasMessageEndingWith("closed by the server before DEVICE_RESET id=0x2");
            assertThat(client.closed().toCompletableFuture().join()).isNull();
            assertThat(client.isOpen()).isFalse();
        }
    }

    @Test
    void failsCallsAfterTheEnd() {
        VfioUserClient client = connect();
        client.close();
        client.close();
        assertThatThrownBy(client::info).isInstanceOf(ConnectionClosedException.class);
        assertThatThrownBy(() -> client.post(0, 0, 4, 1))
                .isInstanceOf(ConnectionClosedException.class);
        server.expectClose();
    }

    @Test
    void failsTheCallsUnderWayWhenItIsClosed() {
        VfioUserClient client = connect();
        var resetting = client.async().reset();
        server.expect("01 00 0d 00 10 00 00 00 00 00 00 00 00 00 00 00");
        client.close();
        assertThatThrownBy(resetting::join)
                .cause()
                .isInstanceOf(ConnectionClosedException.class)
                .hasMessageEndingWith("closed by this side before DEVICE_RESET id=0x1");
    }

    @Test
    void givesAnyReplyWithDataAndDescriptors() {
        try (VfioUserClient client = connect();
                SharedMemory memory = SharedMemory.create("extra", 4096)) {
            var sending = client.async().send(new RegionRead(7, 0, 4), FdBundle.empty());
            server.expect(READ_CONFIG);
            server.send(READ_CONFIG_REPLY, memory.duplicate(), memory.duplicate());
            ServerAnswer answer = sending.join();
            Descriptors.close(answer.descriptors().take(1));
            var reply = (RegionRead.Reply) answer.reply();
            assertThat(reply.data().getIntLE(reply.data().readerIndex())).isEqualTo(0x14e58);
            answer.close();
            answer.close();
        }
    }

    @Test
    void refusesMoreDescriptorsThanTheKernelPasses() {
        try (VfioUserClient client = connect();
                SharedMemory memory = SharedMemory.create("many", 4096)) {
            var many = new ArrayList<FileDescriptor>();
            for (int i = 0; i < 254; i++) {
                many.add(memory.duplicate());
            }
            var sending = client.async().send(new DeviceReset(), FdBundle.ofOwned(many));
            assertThatThrownBy(sending::join).rootCause().hasMessageContaining("254");
        }
    }

    private void readsAgain(VfioUserClient client) {
        var reading = client.async().regionRead(7, 0, 4);
        server.expect(READ_CONFIG.replaceFirst("01", "02"));
        server.send(READ_CONFIG_REPLY.replaceFirst("01", "02"));
        assertThat(reading.join()).containsExactly(0x58, 0x4e, 0x01, 0x00);
    }

    private static String read(int id, int offset) {
        return ("%02x 00 09 00 20 00 00 00 00 00 00 00 00 00 00 00"
                        + "%02x 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00")
                .formatted(id, offset);
    }

    private static String readReply(int id, int offset, int data) {
        return ("%02x 00 09 00 21 00 00 00 01 00 00 00 00 00 00 00"
                        + "%02x 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 %02x")
                .formatted(id, offset, data);
    }
}
