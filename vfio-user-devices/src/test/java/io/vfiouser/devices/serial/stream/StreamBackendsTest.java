package io.vfiouser.devices.serial.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.device.NoSettings;
import io.vfiouser.device.Variant;
import io.vfiouser.devices.serial.SerialBackend;
import io.vfiouser.devices.serial.SerialBackends;
import io.vfiouser.devices.serial.SerialDevice;
import io.vfiouser.devices.serial.SerialPort;
import io.vfiouser.testkit.DeviceTester;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamBackendsTest {
    /// A guest that reads at once.
    private static final class Guest implements SerialPort {
        final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

        @Override
        public CompletionStage<?> receive(ByteBuffer bytes) {
            seen.add(StandardCharsets.US_ASCII.decode(bytes).toString());
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<?> receiveBreak() {
            seen.add("break");
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void carrier(boolean present) {
            seen.add(present ? "carrier" : "no carrier");
        }
    }

    private final Guest guest = new Guest();

    private static void transmit(SerialBackend backend, String text) {
        backend.transmit(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)))
                .stage()
                .toCompletableFuture()
                .join();
    }

    private static String read(SocketChannel from, int size) throws IOException {
        var bytes = ByteBuffer.allocate(size);
        while (bytes.hasRemaining() && from.read(bytes) >= 0) {}
        return StandardCharsets.US_ASCII.decode(bytes.flip()).toString();
    }

    private static void write(SocketChannel to, String text) throws IOException {
        to.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void onePeerAfterTheOtherOverUnix(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("console.sock");
        Files.createFile(path.resolveSibling("other"));
        try (SerialBackend backend =
                new UnixBackendProvider().create(new UnixBackendSettings(path))) {
            assertThat(Files.getPosixFilePermissions(path))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
            backend.open(guest);
            transmit(backend, "to nobody");
            for (int round = 0; round < 2; round++) {
                try (var peer = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                    assertThat(guest.seen.take()).isEqualTo("carrier");
                    write(peer, "typed");
                    assertThat(guest.seen.take()).isEqualTo("typed");
                    transmit(backend, "shown");
                    assertThat(read(peer, 5)).isEqualTo("shown");
                }
                assertThat(guest.seen.take()).isEqualTo("no carrier");
            }
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void aPeerIsHungUpOnWhenTheDeviceGoes(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("console.sock");
        try (var peer = hungUp(path)) {
            assertThat(peer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
    }

    private SocketChannel hungUp(Path path) throws Exception {
        try (SerialBackend backend =
                new UnixBackendProvider().create(new UnixBackendSettings(path))) {
            backend.open(guest);
            var peer = SocketChannel.open(UnixDomainSocketAddress.of(path));
            assertThat(guest.seen.take()).isEqualTo("carrier");
            return peer;
        }
    }

    @Test
    void takesTheSocketOfADeadServerAndNoOther(@TempDir Path directory) throws Exception {
        Path path = directory.resolve("console.sock");
        var settings = new UnixBackendSettings(path);
        var provider = new UnixBackendProvider();
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(path));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> provider.create(settings).close())
                    .withMessageStartingWith("path: " + path)
                    .withMessageContaining("in use");
        }
        provider.create(settings).close();

        Files.writeString(path, "precious");
        assertThatIllegalArgumentException().isThrownBy(() -> provider.create(settings).close());
        assertThat(path).hasContent("precious");
    }

    @Test
    void talksOverTcp() throws Exception {
        int port = freePort();
        try (SerialBackend backend =
                new TcpBackendProvider().create(new TcpBackendSettings("127.0.0.1:" + port))) {
            backend.open(guest);
            try (var peer =
                    SocketChannel.open(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
                assertThat(guest.seen.take()).isEqualTo("carrier");
                transmit(backend, "login: ");
                assertThat(read(peer, 7)).isEqualTo("login: ");
            }
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5555", "localhost:", "localhost:65536", "no.such.host.test.:1"})
    void saysHowAnAddressIsWritten(String listen) {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new TcpBackendProvider().create(new TcpBackendSettings(listen)).close())
                .withMessage("listen: " + listen + " (expected: HOST:PORT, as in 127.0.0.1:5555)");
    }

    @Test
    void keepsOutputInAFile(@TempDir Path directory) {
        Path path = directory.resolve("console.log");
        for (boolean append : new boolean[] {false, true, false, true}) {
            try (SerialBackend backend =
                    new FileBackendProvider().create(new FileBackendSettings(path, append))) {
                backend.open(guest);
                awaitCarrier();
                transmit(backend, append ? "second" : "first ");
            }
        }
        assertThat(path).hasContent("first second");
    }

    private void awaitCarrier() {
        try {
            assertThat(guest.seen.take()).isEqualTo("carrier");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void standardStreamsGoOnWithoutInput() throws Exception {
        var output = new ByteArrayOutputStream();
        var pair =
                new StreamPair(
                        StandardStreams.from(InputStream.nullInputStream()),
                        StandardStreams.to(output),
                        false);
        try (var backend = new StreamBackend("test", StreamBackend.only(pair))) {
            backend.open(guest);
            assertThat(guest.seen.take()).isEqualTo("carrier");
            transmit(backend, "still here");
        }
        assertThat(output.toString(StandardCharsets.US_ASCII)).isEqualTo("still here");
        assertThat(pair.toPeer().isOpen()).isTrue();
    }

    @Test
    void aPeerThatTakesNothingLosesTheOutput() throws Exception {
        var broken =
                Channels.newChannel(
                        new OutputStream() {
                            @Override
                            public void write(int b) throws IOException {
                                throw new IOException("disk full");
                            }
                        });
        var pair =
                new StreamPair(Channels.newChannel(InputStream.nullInputStream()), broken, false);
        try (var backend = new StreamBackend("test", StreamBackend.only(pair))) {
            backend.open(guest);
            assertThat(guest.seen.take()).isEqualTo("carrier");
            transmit(backend, "lost");
            transmit(backend, "lost too");
        }
    }

    @Test
    void pathsMustBeSet() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SerialBackends.create(SerialBackends.backend("unix")).close())
                .withMessageStartingWith("path: not set (expected: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SerialBackends.create(SerialBackends.backend("file")).close())
                .withMessageStartingWith("path: not set (expected: ");
    }

    @Test
    void areFoundByName() {
        assertThat(SerialBackends.backends())
                .extracting(Variant::name)
                .contains("file", "loopback", "stdio", "tcp", "unix");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SerialBackends.backend("modem"))
                .withMessageMatching("backend: modem \\(expected: one of \\[.*\\bunix\\b.*\\]\\)");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> SerialBackends.create(new Variant("unix", new NoSettings())).close())
                .withMessageContaining("expected: " + UnixBackendSettings.class.getName());
    }

    @Test
    void aLoopbackPlugGivesBackWhatIsSent() {
        try (var serial = DeviceTester.attach(new SerialDevice(new LoopbackBackend()))) {
            serial.write("LCR", 0x03);
            serial.write("RBR_THR", 'x');
            serial.runTasks();
            assertThat(serial.read("RBR_THR")).isEqualTo('x');
            assertThat(serial.read("LSR")).isEqualTo(0x60);
        }
    }
}
