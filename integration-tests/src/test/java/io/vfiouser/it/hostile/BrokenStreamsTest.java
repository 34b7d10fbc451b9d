package io.vfiouser.it.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.ConnectionClosedException;
import io.vfiouser.client.RawConnection;
import io.vfiouser.protocol.Command;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Bytes that are no messages, and messages in pieces. What each wrong header and each odd VERSION
/// is answered with is in the conformance suite (`HeaderChecks`, `NegotiationTextChecks`).
@ExtendWith(NoDescriptorLeaks.class)
class BrokenStreamsTest {
    private static final int INFO = Command.DEVICE_GET_INFO.id();
    private static final byte[] INFO_BODY = {16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

    private final CrowdedLoop loop = CrowdedLoop.start();

    @AfterEach
    void close() {
        loop.close();
    }

    static Stream<Arguments> notVersions() {
        byte[] garbage = new byte[4096];
        new Random(0x5eed).nextBytes(garbage);
        return Stream.of(
                Arguments.of("random bytes", garbage),
                Arguments.of("zeros", new byte[4096]),
                Arguments.of("size 0", Wire.message(0, 1, 0, 0)),
                Arguments.of("size 4 GiB - 1", Wire.message(0, 1, 0xffff_ffffL, 0)),
                Arguments.of("size 1 GiB", Wire.message(0, 1, 1 << 30, 0)),
                Arguments.of("no payload", Wire.message(0, 1, 16, 0)),
                Arguments.of("another command", Wire.message(0, INFO, 32, 0, INFO_BODY)),
                Arguments.of("a reply", Wire.message(0, 1, 16, Wire.REPLY)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("notVersions")
    void inPlaceOfVersion(String name, byte[] bytes) throws Exception {
        loop.during(() -> {
            for (int i = 0; i < 20; i++) {
                try (var client = loop.connect()) {
                    sendUnlessClosed(client, bytes);
                    assertThat(client.awaitClosed(CrowdedLoop.AMPLE)).as(name).isTrue();
                }
            }
        });
    }

    static Stream<Arguments> broken() {
        byte[] garbage = new byte[4096];
        new Random(0xbad).nextBytes(garbage);
        return Stream.of(
                Arguments.of("random bytes", garbage),
                Arguments.of("size 0", Wire.message(9, INFO, 0, 0, INFO_BODY)),
                Arguments.of("size 15", Wire.message(9, INFO, 15, 0, INFO_BODY)),
                Arguments.of("size 1 MiB + 33", Wire.message(9, INFO, (1 << 20) + 33, 0)),
                Arguments.of("size 4 GiB - 1", Wire.message(9, INFO, 0xffff_ffffL, 0)),
                Arguments.of("message type 2", Wire.message(9, INFO, 32, 2, INFO_BODY)));
    }

    /// One that cannot be followed any more ends; nothing behind it is taken for a message.
    @ParameterizedTest(name = "{0}")
    @MethodSource("broken")
    void afterVersion(String name, byte[] bytes) throws Exception {
        byte[] write = Wire.posted(0, 0x200, (byte) 0x77);
        byte[] both = Arrays.copyOf(bytes, bytes.length + write.length);
        System.arraycopy(write, 0, both, bytes.length, write.length);
        loop.during(() -> {
            for (int i = 0; i < 20; i++) {
                try (var client = loop.negotiated()) {
                    sendUnlessClosed(client, both);
                    assertThat(client.awaitClosed(CrowdedLoop.AMPLE)).as(name).isTrue();
                }
            }
        });
    }

    @Test
    void commandsCutAtEveryByteAreDone() throws Exception {
        byte[] write = Wire.write(1, 0, 0x80, (byte) 1, (byte) 2, (byte) 3, (byte) 4);
        loop.during(() -> {
            try (var client = loop.negotiated()) {
                for (int cut = 1; cut < write.length; cut++) {
                    write[write.length - 1] = (byte) cut;
                    client.send(Arrays.copyOf(write, cut));
                    client.send(Arrays.copyOfRange(write, cut, write.length));
                    assertAnswered(client);
                    client.send(Wire.read(2, 0, 0x83, 1));
                    try (var reply = client.receive()) {
                        assertThat(reply.bytes().getByte(32)).isEqualTo((byte) cut);
                    }
                }
            }
        });
    }

    /// More than the socket holds, so that the kernel cuts it.
    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {0x1_0000, 0x4_0000, 0x10_0000})
    void writesLargerThanTheSocketAreDone(int size) throws Exception {
        byte[] data = new byte[size];
        new Random(size).nextBytes(data);
        loop.during(() -> {
            try (var client = loop.negotiated()) {
                for (int i = 0; i < 10; i++) {
                    data[i]++;
                    client.send(Wire.write(1, 1, 0, data));
                    assertAnswered(client);
                    client.send(Wire.read(2, 1, 0, size));
                    try (var reply = client.receive()) {
                        byte[] read = new byte[size];
                        reply.bytes().getBytes(32, read);
                        assertThat(read).isEqualTo(data);
                    }
                }
            }
        });
    }

    @Test
    void clientsThatCloseInsideAMessageMakeWayForTheNext() throws Exception {
        byte[] write = Wire.write(1, 1, 0, new byte[300_000]);
        loop.during(() -> {
            for (int length = 1; length < write.length; length *= 3) {
                try (var client = loop.negotiated()) {
                    client.send(Arrays.copyOf(write, length));
                }
            }
        });
    }

    static Stream<Arguments> texts() {
        String longNumber = "9".repeat(3000);
        return Stream.of(
                Arguments.of("nested 100 000 deep", "{\"a\":" + "[".repeat(100_000)),
                Arguments.of("nested as deep as fits", "[".repeat(4000)),
                Arguments.of("objects nested", "{\"a\":".repeat(800)),
                Arguments.of(
                        "a number of 3000 digits",
                        "{\"capabilities\":{\"max_msg_fds\":" + longNumber + "}}"),
                Arguments.of(
                        "an exponent that would fill the memory",
                        "{\"capabilities\":{\"max_data_xfer_size\":1e999999999}}"),
                Arguments.of("a text without end", "{\"" + "x".repeat(4000)),
                Arguments.of("900 KiB of a text", "{\"" + "x".repeat(900_000)),
                Arguments.of("surrogates alone", "{\"\\ud800\":\"\\udfff\", \"capabilities\":7}"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("texts")
    void jsonThatCostsMuch(String name, String text) throws Exception {
        byte[] version = Wire.version(text);
        loop.during(() -> {
            for (int i = 0; i < 20; i++) {
                try (var client = loop.connect()) {
                    sendUnlessClosed(client, version);
                    assertThat(client.awaitClosed(CrowdedLoop.AMPLE)).as(name).isTrue();
                }
            }
        });
    }

    private static void assertAnswered(RawConnection client) {
        try (var reply = client.receive()) {
            assertThat(reply.header().messageId()).isEqualTo(1);
            assertThat(reply.header().isError()).isFalse();
        }
    }

    /// The server may close while the rest is still being sent.
    private static void sendUnlessClosed(RawConnection client, byte[] bytes) {
        try {
            client.send(bytes);
        } catch (ConnectionClosedException e) {
            assertThat(client.isOpen()).isFalse();
        }
    }
}
