package io.vfiouser.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.ServerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Callers that want the control server's connections, memory or time.
class ControlConnectionsTest {
    private static final Device DEVICE = () -> DeviceLayout.pci(1, 2).build();

    @TempDir private Path directory;
    private final VfioUserServer server = VfioUserServer.start(ServerOptions.defaults());
    private ControlAddress.Unix address;

    @BeforeEach
    void address() {
        address = new ControlAddress.Unix(directory.resolve("control.sock"));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private ControlServer start(int connections, Duration time) {
        return ControlServer.start(
                server,
                address,
                Optional.empty(),
                DeviceCatalog.EMPTY,
                new ConnectionLimits(connections, time));
    }

    private ControlServer start() {
        return start(8, Duration.ofMinutes(1));
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(address.socketAddress());
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /// Reads until `end` has come; what came so far if the connection ends before.
    private static String readUntil(SocketChannel channel, String end) throws IOException {
        var all = new StringBuilder();
        ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
        while (all.indexOf(end) < 0 && channel.read(buffer) >= 0) {
            all.append(new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8));
            buffer.clear();
        }
        return all.toString();
    }

    private static String request(String line) {
        return line + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    @Test
    void asManyConnectionsAsAllowedAndNoMore() throws Exception {
        try (var control = start(2, Duration.ofMinutes(1));
                var first = connect();
                var second = connect();
                var third = connect()) {
            assertThat(control.address()).isEqualTo(address);
            assertThat(readUntil(third, "\n")).isEmpty();
            send(first, request("GET /health"));
            assertThat(readUntil(first, "}")).startsWith("HTTP/1.1 200");
            send(second, request("GET /health"));
            assertThat(readUntil(second, "}")).startsWith("HTTP/1.1 200");
        }
    }

    /// As browsers do, which load the page's files one after the other.
    @Test
    void aConnectionServesOneRequestAfterTheOther() throws Exception {
        try (var _ = start();
                var client = connect()) {
            for (int i = 0; i < 5; i++) {
                send(client, request("GET /"));
                assertThat(readUntil(client, "</html>")).startsWith("HTTP/1.1 200");
                send(client, request("GET /health"));
                assertThat(readUntil(client, "}")).startsWith("HTTP/1.1 200");
            }
        }
    }

    @Test
    void whoSaysNothingMakesRoomForOthers() throws Exception {
        try (var control = start(1, Duration.ofMillis(100));
                var silent = connect()) {
            assertThat(readUntil(silent, "\n")).isEmpty();
            try (var next = connect()) {
                send(next, request("GET /health"));
                assertThat(readUntil(next, "}")).contains("\"up\"");
            }
            assertThat(control.address()).isEqualTo(address);
        }
    }

    @Test
    void aBodyThatIsTooLargeIsAnsweredAsJsonAndEndsTheConnection() throws Exception {
        try (var _ = start();
                var client = connect()) {
            send(
                    client,
                    "POST /v1/devices HTTP/1.1\r\n"
                            + "Host: localhost\r\n"
                            + "Content-Length: 1000000\r\n\r\n"
                            + "x".repeat(1_000_000));
            assertThat(readUntil(client, "never"))
                    .startsWith("HTTP/1.1 413")
                    .contains("{\"error\":\"body: too large");
        }
    }

    @Test
    void oddPathsAndBodiesAreTheCallersFault() throws Exception {
        try (var _ = start()) {
            server.serve("a/b c", DEVICE, directory.resolve("d.sock"));
            var client = new ControlClient(address, Optional.empty());
            assertThat(client.call("GET", "/v1/devices/a%2Fb%20c", "").status()).isEqualTo(200);
            assertThat(client.call("GET", "?x", "").status()).isEqualTo(404);
            assertThat(client.call("GET", "/%", "").status()).isEqualTo(400);
            assertThat(client.call("GET", "/v1/%", "").status()).isEqualTo(400);
            assertThat(client.call("DELETE", "/v1/devices/a%2Fb%20c?grace=4294967295", ""))
                    .satisfies(answer -> {
                        assertThat(answer.status()).isEqualTo(400);
                        assertThat(answer.body()).contains("grace: 4294967295 (expected: 0 to");
                    });
            String settings = "{\"type\":\"x\",\"socket\":\"s\",\"settings\":{\"a\":[1]}}";
            assertThat(client.call("POST", "/v1/devices", settings))
                    .satisfies(answer -> {
                        assertThat(answer.status()).isEqualTo(400);
                        assertThat(answer.body()).contains("settings: OBJECT (expected: an object");
                    });
            String deep = "{\"type\":" + "[".repeat(30_000) + "}";
            assertThat(client.call("POST", "/v1/devices", deep).status()).isEqualTo(400);
        }
    }

    @Test
    void aWatcherThatCannotBeWrittenToDoesNotEndTheEventsOfOthers() throws Exception {
        try (var _ = start();
                var gone = connect();
                var stays = connect()) {
            send(gone, request("GET /v1/events?trace="));
            readUntil(gone, "event: stats");
            send(stays, request("GET /v1/events?trace="));
            readUntil(stays, "event: stats");
            gone.shutdownInput(); // writing to it fails now, without its end having been read
            for (int i = 0; i < 3; i++) {
                assertThat(readUntil(stays, "event: stats")).contains("event: stats");
            }
        }
    }

    @Test
    void aBrowserThatNeverReadsIsSkippedAndTold() throws Exception {
        String name = "x".repeat(250);
        try (var _ = start();
                var slow = connect();
                var quick = connect()) {
            for (int i = 0; i < 400; i++) {
                server.serve(name + i, DEVICE, directory.resolve("d" + i));
            }
            send(slow, request("GET /v1/events"));
            send(quick, request("GET /v1/events"));
            for (int i = 0; i < 3; i++) {
                readUntil(quick, "\"latency\"");
            }
            assertThat(readUntil(slow, "event: dropped\ndata: "))
                    .contains("event: dropped")
                    .hasSizeLessThan(4_000_000);
        }
    }

    @Test
    void nothingIsAnsweredBehindEvents() throws Exception {
        try (var _ = start();
                var client = connect()) {
            send(client, request("GET /v1/events") + request("GET /health"));
            assertThat(readUntil(client, "\"latency\"")).contains("event: stats");
            assertThat(readUntil(client, "\"latency\"")).doesNotContain("\"up\"");
        }
    }

    @Test
    void aControlSocketInUseOrAFileOfAnotherKindStays() throws Exception {
        try (var _ = start()) {
            assertThatThrownBy(this::start)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("in use by");
            assertThat(new ControlClient(address, Optional.empty()).call("GET", "/health", ""))
                    .satisfies(answer -> assertThat(answer.status()).isEqualTo(200));
        }
        Path pipe = directory.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        address = new ControlAddress.Unix(pipe);
        assertThatThrownBy(this::start).hasMessageContaining("(expected: a socket or nothing)");
        assertThat(pipe).exists();
        Path link = directory.resolve("link");
        Files.createSymbolicLink(link, pipe);
        address = new ControlAddress.Unix(link);
        assertThatThrownBy(this::start).hasMessageContaining("(expected: a socket or nothing)");
        assertThat(Files.isSymbolicLink(link)).isTrue();
    }

    @Test
    void closingEndsTheConnectionsOfThoseWhoWait() throws Exception {
        try (var waiting = connectedTo(start())) {
            assertThat(readUntil(waiting, "\n")).isEmpty();
        }
        assertThat(address.path()).doesNotExist();
    }

    private SocketChannel connectedTo(ControlServer control) throws IOException {
        try (control) {
            SocketChannel waiting = connect();
            send(waiting, request("GET /health"));
            readUntil(waiting, "}");
            return waiting;
        }
    }

    @Test
    void aSocketThatIsNotAControlServersIsNamed() throws Exception {
        try (var other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(address.path()));
            var answering =
                    Thread.ofVirtual()
                            .start(() -> {
                                try (var caller = other.accept()) {
                                    readUntil(caller, "\r\n\r\n");
                                    send(caller, "HTTP/1.1 abc\r\n\r\n");
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            });
            var client = new ControlClient(address, Optional.empty());
            assertThatThrownBy(() -> client.call("GET", "/health", ""))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("(expected: HTTP)");
            answering.join();
        }
    }
}
