package io.vfiouser.examples.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.VfioUserClient;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The page's side by a WebSocket of the JDK, the guest's side by registers.
class ConsoleServerTest {
    private static final int DATA = 0;
    private static final int INTERRUPT_ENABLE = 1;
    private static final int FIFO_CONTROL = 2;
    private static final int LINE_CONTROL = 3;
    private static final int MODEM_CONTROL = 4;
    private static final int LINE_STATUS = 5;

    private final Path socket;
    private final ConsoleServer server;
    private final HttpClient http = HttpClient.newHttpClient();

    ConsoleServerTest(@TempDir Path directory) {
        this.socket = directory.resolve("console.sock");
        this.server =
                ConsoleServer.start(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), socket);
    }

    @AfterEach
    void close() {
        http.shutdownNow();
        server.close();
        http.close();
        assertThat(socket).doesNotExist();
    }

    /// What a page sees, byte by byte.
    private static final class Screen implements WebSocket.Listener {
        private final BlockingQueue<Character> shown = new LinkedBlockingQueue<>();

        @Override
        public @Nullable CompletionStage<?> onBinary(
                WebSocket page, ByteBuffer bytes, boolean last) {
            StandardCharsets.US_ASCII.decode(bytes).chars().forEach(each -> shown.add((char) each));
            page.request(1);
            return null;
        }

        String take(int count) throws InterruptedException {
            var text = new StringBuilder();
            while (text.length() < count) {
                text.append(shown.take());
            }
            return text.toString();
        }
    }

    private String address(String scheme, String path) {
        return scheme + "://127.0.0.1:" + server.address().getPort() + path;
    }

    private WebSocket open(Screen screen) {
        return http.newWebSocketBuilder()
                .buildAsync(URI.create(address("ws", "/console")), screen)
                .join();
    }

    private static void send(VfioUserClient guest, String text) {
        text.chars().forEach(each -> guest.write(0, DATA, 1, each));
    }

    private static void setUp(VfioUserClient guest) {
        guest.write(0, LINE_CONTROL, 1, 0x03);
        guest.write(0, FIFO_CONTROL, 1, 0x01);
        guest.write(0, MODEM_CONTROL, 1, 0x03);
    }

    @Test
    void aPageIsTheGuestsTerminal() throws Exception {
        try (var guest = VfioUserClient.connect(socket)) {
            setUp(guest);
            var irq = guest.irq(0, 0);
            irq.arm();
            guest.write(0, INTERRUPT_ENABLE, 1, 0x01);
            send(guest, "guest login: ");

            var screen = new Screen();
            WebSocket page = open(screen);
            assertThat(screen.take(13)).as("sent before the page came").isEqualTo("guest login: ");

            page.sendText("root\r", true).join();
            var typed = new StringBuilder();
            while (typed.length() < 5) {
                irq.await(Duration.ofSeconds(10));
                while ((guest.read(0, LINE_STATUS, 1) & 1) != 0) {
                    typed.append((char) guest.read(0, DATA, 1));
                }
                irq.unmask();
            }
            assertThat(typed).hasToString("root\r");

            send(guest, "# ");
            assertThat(screen.take(2)).isEqualTo("# ");
            var second = new Screen();
            open(second);
            assertThat(second.take(15)).isEqualTo("guest login: # ");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/console.js",
                "/console.css",
                "/xterm.js",
                "/xterm-addon-fit.js",
                "/xterm.css"
            })
    void givesThePageAndAllItNeeds(String path) throws Exception {
        var answer =
                http.send(
                        HttpRequest.newBuilder(URI.create(address("http", path))).build(),
                        BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).containsIgnoringCase("term");
        assertThat(answer.headers().firstValue("content-security-policy"))
                .hasValueSatisfying(policy -> assertThat(policy).contains("default-src 'self'"));
    }

    @Test
    void refusesThePagesOfOtherSites() {
        var origin = http.newWebSocketBuilder().header("Origin", "http://evil.example");
        assertThatThrownBy(() ->
                        origin.buildAsync(URI.create(address("ws", "/console")), new Screen())
                                .join())
                .hasMessageContaining("WebSocketHandshakeException");
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, 101", "localhost, 101", "[::1], 101", "evil.example, 403"})
    void refusesNamesThatWereMadeToLeadHere(String name, int status) throws Exception {
        String host = name + ":" + server.address().getPort();
        try (var browser = new Socket()) {
            browser.connect(server.address());
            String handshake =
                    """
                    GET /console HTTP/1.1\r
                    Host: %s\r
                    Origin: http://%s\r
                    Connection: Upgrade\r
                    Upgrade: websocket\r
                    Sec-WebSocket-Version: 13\r
                    Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
                    \r
                    """
                            .formatted(host, host);
            browser.getOutputStream().write(handshake.getBytes(StandardCharsets.US_ASCII));
            byte[] answer = browser.getInputStream().readNBytes("HTTP/1.1 101".length());
            assertThat(answer).asString(StandardCharsets.US_ASCII).endsWith(" " + status);
        }
    }
}
