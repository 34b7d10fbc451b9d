package io.vfiouser.it.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.server.Removal;
import io.vfiouser.server.ServeException;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.Endpoint;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Sockets that somebody else has made.
@ExtendWith(NoDescriptorLeaks.class)
class InheritedSocketTest {
    private final VfioUserServer server = VfioUserServer.start(ServerOptions.defaults());
    @TempDir private Path directory;

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void servesOnAListeningSocketAndLeavesItsFile() throws IOException {
        Path path = directory.resolve("given.sock");
        var served =
                server.serve(
                        "gpio",
                        new GpioDevice(),
                        Endpoint.inherited(listening(path)),
                        ServiceOptions.defaults());
        assertThat(served.socket()).isEqualTo(path);
        for (int i = 0; i < 2; i++) {
            try (var client = VfioUserClient.connect(path)) {
                assertThat(client.info().pci()).isTrue();
            }
        }
        served.close();
        assertThat(path).exists();
    }

    @Test
    void servesTheClientOfAConnectedSocketAndThenCloses() throws Exception {
        // Somebody else accepts, and hands the connection over.
        Path path = directory.resolve("given.sock");
        var listener = new Socket(listening(path).intValue());
        var connecting =
                VfioUserClient.connectAsync(path, ClientOptions.defaults()).toCompletableFuture();
        int accepted;
        do {
            accepted = listener.accept(new byte[128]);
        } while (accepted < 0);
        listener.close();
        var served =
                server.serve(
                        "gpio",
                        new GpioDevice(),
                        Endpoint.inherited(new FileDescriptor(accepted)),
                        ServiceOptions.defaults());
        assertThatIllegalStateException().isThrownBy(served::socket);
        try (var client = connecting.get(20, TimeUnit.SECONDS)) {
            client.write(2, 0, 1, 0x5a);
            assertThat(client.read(2, 1, 1)).isEqualTo(0x5a);
        }
        Removal removal = served.whenClosed().toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(removal).isEqualTo(Removal.NO_CLIENT);
        assertThat(server.devices()).isEmpty();
    }

    @Test
    void saysWhatElseADescriptorIs() throws IOException {
        FileDescriptor[] pipe = FileDescriptor.pipe();
        assertRefused(pipe[0], "a pipe");
        Descriptors.close(pipe[0]);
        assertRefused(pipe[0], "not open");
        Descriptors.close(pipe[1]);

        Path file = Files.writeString(directory.resolve("file"), "x");
        FileDescriptor regular = FileDescriptor.from(file.toFile());
        assertRefused(regular, "a regular file");
        Descriptors.close(regular);

        Socket fresh = Socket.newSocketDomain();
        assertRefused(fresh, "a UNIX stream socket that neither listens nor is connected");
        fresh.close();
        Socket datagram = Socket.newSocketDomainDgram();
        assertRefused(datagram, "a UNIX socket of type 2, no stream");
        datagram.close();
        Socket tcp = Socket.newSocketStream();
        assertRefused(tcp, "a socket of address family ");
        tcp.close();
    }

    @Test
    void closesTheSocketOfADeviceItDoesNotTake() {
        FileDescriptor[] pair = UnixSockets.pair();
        server.serve("gpio", new GpioDevice(), directory.resolve("s"));
        assertThatThrownBy(() ->
                        server.serve(
                                "gpio",
                                new GpioDevice(),
                                Endpoint.inherited(pair[0]),
                                ServiceOptions.defaults()))
                .isInstanceOf(ServeException.class)
                .hasMessageContaining("expected: one that no other device has");
        assertThat(pair[0].isOpen()).isFalse();
        Descriptors.close(pair[1]);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 256})
    void refusesNamesThatNobodyCouldShow(int length) {
        assertThatThrownBy(() ->
                        server.serve("n".repeat(length), new GpioDevice(), directory.resolve("s")))
                .isInstanceOf(ServeException.class)
                .hasMessageContaining("name: " + length + " characters (expected: 1 to 255)");
        assertThat(server.devices()).isEmpty();
    }

    private static void assertRefused(FileDescriptor fd, String what) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Endpoint.inherited(fd))
                .withMessageStartingWith("fd: %d: %s".formatted(fd.intValue(), what))
                .withMessageEndingWith(
                        "(expected: a UNIX stream socket that listens or is connected)");
    }

    private static FileDescriptor listening(Path path) throws IOException {
        Socket socket = Socket.newSocketDomain();
        socket.bind(new DomainSocketAddress(path.toFile()));
        socket.listen(5);
        return new FileDescriptor(socket.intValue());
    }
}
