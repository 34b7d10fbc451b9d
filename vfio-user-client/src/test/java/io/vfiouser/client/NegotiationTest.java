package io.vfiouser.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Capabilities;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class NegotiationTest extends ClientTest {
    @Test
    void proposesTheGoldenVersion() {
        try (VfioUserClient client = connect()) {
            assertThat(client.minorVersion()).isZero();
            assertThat(client.isOpen()).isTrue();
        }
        server.expectClose();
    }

    @Test
    void proposesNoLimitsInTheStyleOfSpdk() {
        var connecting = begin(ClientOptions.likeSpdk());
        server.expect("00 00 01 00 14 00 00 00 00 00 00 00 00 00 00 00  00 00 01 00");
        server.send("00 00 01 00 14 00 00 00 01 00 00 00 00 00 00 00  00 00 01 00");
        try (VfioUserClient client = connecting.join()) {
            assertThat(client.minorVersion()).isEqualTo(1);
        }
    }

    @Test
    void usesOneIdForAllCommandsInTheStyleOfSpdk() {
        var connecting = begin(ClientOptions.likeSpdk());
        server.expect("00 00 01 00 14 00 00 00 00 00 00 00 00 00 00 00  00 00 01 00");
        server.send("00 00 01 00 14 00 00 00 01 00 00 00 00 00 00 00  00 00 01 00");
        try (VfioUserClient client = connecting.join()) {
            var first = client.async().regionRead(0, 0, 1);
            var second = client.async().regionRead(0, 1, 1);
            server.expect(read(0, 0));
            server.expect(read(0, 1));
            server.send(readReply(0, 0, "aa"));
            server.send(readReply(0, 1, "bb"));
            assertThat(first.join()).containsExactly(0xaa);
            assertThat(second.join()).containsExactly(0xbb);
        }
    }

    @Test
    void takesTheLimitsOfTheServer() {
        var connecting = begin(OPTIONS);
        server.expect(FakeServer.VERSION);
        server.send(
                versionReply(
                        0,
                        0,
                        "{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":4096,"
                                + "\"migration\":{\"pgsize\":4096}}}"));
        try (VfioUserClient client = connecting.join()) {
            assertThat(client.serverCapabilities())
                    .isEqualTo(
                            Capabilities.DEFAULTS
                                    .withMaxMsgFds(8)
                                    .withMaxDataXferSize(4096)
                                    .withMigration(Capabilities.Migration.of(4096)));
        }
    }

    @Test
    void takesTheDefaultsOfAServerThatNamesNoLimits() {
        try (VfioUserClient client = connect()) {
            assertThat(client.serverCapabilities()).isEqualTo(Capabilities.DEFAULTS);
        }
    }

    @Test
    void failsWithTheErrnoOfARefusal() {
        var connecting = begin(OPTIONS);
        server.expect(FakeServer.VERSION);
        server.send("00 00 01 00 10 00 00 00 21 00 00 00 16 00 00 00");
        assertThatThrownBy(connecting::join)
                .hasRootCauseInstanceOf(RemoteErrorException.class)
                .hasRootCauseMessage("VERSION: EINVAL (Invalid argument)")
                .rootCause()
                .extracting(e -> ((RemoteErrorException) e).errno())
                .isEqualTo(Errno.EINVAL);
        server.expectClose();
    }

    @Test
    void failsIfTheServerClosesInsteadOfAnswering() {
        var connecting = begin(OPTIONS);
        server.expect(FakeServer.VERSION);
        server.closeClient();
        assertThatThrownBy(connecting::join)
                .hasRootCauseInstanceOf(ConnectionClosedException.class)
                .rootCause()
                .hasMessageContaining(server.socket() + "] closed by the server before VERSION");
    }

    @Test
    void refusesAMinorVersionAboveItsOwn() {
        var connecting = begin(OPTIONS);
        server.expect(FakeServer.VERSION);
        server.send("00 00 01 00 14 00 00 00 01 00 00 00 00 00 00 00  00 00 02 00");
        assertThatThrownBy(connecting::join)
                .hasRootCauseInstanceOf(MalformedReplyException.class)
                .hasRootCauseMessage("VERSION: 0.2 in the reply (expected: 0.0 to 0.0)");
        server.expectClose();
    }

    @Test
    void refusesAnotherMajorVersion() {
        var connecting = begin(OPTIONS);
        server.expect(FakeServer.VERSION);
        server.send("00 00 01 00 14 00 00 00 01 00 00 00 00 00 00 00  01 00 00 00");
        assertThatThrownBy(connecting::join)
                .hasRootCauseMessage("VERSION: 1.0 in the reply (expected: 0.0 to 0.0)");
        server.expectClose();
    }

    @Test
    void namesTheBytesOfATextThatIsNoJson() {
        var connecting = begin(OPTIONS);
        server.expect(FakeServer.VERSION);
        server.send(versionReply(0, 0, "{\"capabilities\":"));
        assertThatThrownBy(connecting::join)
                .cause()
                .isInstanceOf(MalformedReplyException.class)
                .hasMessageContaining("VERSION id=0x0")
                .hasMessageContaining("37 bytes: 00000100");
        server.expectClose();
    }

    @Test
    void givesUpOnAServerThatDoesNotAnswer() {
        var connecting = begin(OPTIONS.withTimeout(Duration.ofMillis(50)));
        server.expect(FakeServer.VERSION);
        assertThatThrownBy(connecting::join)
                .hasRootCauseInstanceOf(ReplyTimeoutException.class)
                .hasRootCauseMessage(
                        "reply to VERSION id=0x0: nothing came (expected: within timeout,"
                                + " PT0.05S)");
        server.expectClose();
    }

    @Test
    void closesOnACommandOfTheServerBeforeItsReply() {
        var connecting = begin(OPTIONS);
        server.expect(FakeServer.VERSION);
        server.send(
                "01 00 0b 00 20 00 00 00 00 00 00 00 00 00 00 00"
                        + "00 00 10 00 00 00 00 00 08 00 00 00 00 00 00 00");
        assertThatThrownBy(connecting::join)
                .cause()
                .isInstanceOf(ConnectionClosedException.class)
                .hasMessageContaining("a command before the reply to VERSION")
                .hasMessageContaining("32 bytes: 01000b00");
        server.expectClose();
    }

    @Test
    void namesThePathWhereNobodyListens() {
        var nowhere = directory.resolve("nowhere.sock");
        assertThatThrownBy(() -> VfioUserClient.connect(nowhere, OPTIONS))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(nowhere.toString())
                .hasMessageContaining("ENOENT");
    }

    @Test
    void namesAPathThatNoSocketCanHave() {
        var longPath = directory.resolve("x".repeat(120));
        assertThatThrownBy(() -> VfioUserClient.connect(longPath, OPTIONS))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("expected: at most 107");
    }

    @Test
    void refusesAMessageIdThatDoesNotFit() {
        assertThatThrownBy(() -> OPTIONS.withFixedMessageId(0x1_0000))
                .hasMessage("fixedMessageId: 65536 (expected: 0 to 65535)");
    }

    private CompletableFuture<VfioUserClient> begin(ClientOptions options) {
        return VfioUserClient.connectAsync(server.socket(), options);
    }

    private static String versionReply(int major, int minor, String json) {
        byte[] text = json.getBytes(StandardCharsets.US_ASCII);
        return "00 00 01 00 %02x %02x 00 00 01 00 00 00 00 00 00 00 %02x 00 %02x 00 %s 00"
                .formatted(
                        (21 + text.length) & 0xff,
                        (21 + text.length) >> 8,
                        major,
                        minor,
                        HexFormat.of().formatHex(text));
    }

    private static String read(int id, int offset) {
        return ("%02x 00 09 00 20 00 00 00 00 00 00 00 00 00 00 00"
                        + "%02x 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00")
                .formatted(id, offset);
    }

    private static String readReply(int id, int offset, String data) {
        return ("%02x 00 09 00 21 00 00 00 01 00 00 00 00 00 00 00"
                        + "%02x 00 00 00 00 00 00 00 00 00 00 00 01 00 00 00 %s")
                .formatted(id, offset, data);
    }
}
