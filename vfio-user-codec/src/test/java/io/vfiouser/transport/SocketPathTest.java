package io.vfiouser.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import io.vfiouser.os.Platform;
import io.vfiouser.os.UnixSockets;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoDescriptorLeaks.class)
class SocketPathTest {
    @TempDir private Path directory;

    @BeforeAll
    static void load() {
        Platform.ensureSupported();
    }

    @Test
    void nothingThereIsFine() throws IOException {
        SocketPath.prepare(directory.resolve("s"));
        SocketPath.remove(directory.resolve("s"));
        assertThat(directory.resolve("s")).doesNotExist();
    }

    @Test
    void staleSocketIsRemoved() throws IOException {
        Path path = directory.resolve("s");
        listen(path, 5).close();
        assertThat(path).exists();

        SocketPath.prepare(path);

        assertThat(path).doesNotExist();
    }

    @Test
    void liveSocketStaysAndItsProcessIsNamed() throws IOException {
        Path path = directory.resolve("s");
        Socket listener = listen(path, 5);

        assertThatIOException()
                .isThrownBy(() -> SocketPath.prepare(path))
                .isInstanceOf(BindException.class)
                .withMessageContaining(
                        path + ": in use by process " + ProcessHandle.current().pid())
                .withMessageContaining("(java)")
                .withMessageContaining("(expected: no listener)");
        assertThat(path).exists();
        listener.close();
    }

    @Test
    void liveSocketWithAFullQueueStays() throws IOException {
        Path path = directory.resolve("s");
        Socket listener = listen(path, 0);
        List<Socket> clients = new ArrayList<>();
        boolean room = true;
        while (room) {
            Socket client = Socket.newSocketDomain();
            clients.add(client);
            room = UnixSockets.connect(client, path.toString());
        }

        assertThatIOException()
                .isThrownBy(() -> SocketPath.prepare(path))
                .withMessageContaining("in use by a process whose queue is full");
        assertThat(path).exists();
        for (Socket client : clients) {
            client.close();
        }
        listener.close();
    }

    @Test
    void otherFilesAreNeverRemoved() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        Path link = Files.createSymbolicLink(directory.resolve("link"), file);
        for (Path path : List.of(file, link, directory)) {
            assertThatIOException()
                    .isThrownBy(() -> SocketPath.prepare(path))
                    .withMessageContaining(path + ": a file of another kind");
            SocketPath.remove(path);
            assertThat(path).exists();
        }
    }

    @Test
    void removesASocket() throws IOException {
        Path path = directory.resolve("s");
        listen(path, 5).close();
        SocketPath.remove(path);
        assertThat(path).doesNotExist();
    }

    @Test
    void longPathNamesLengthAndLimit() throws IOException {
        Path path = directory.resolve("x".repeat(108));
        assertThatIOException()
                .isThrownBy(() -> SocketPath.prepare(path))
                .withMessage(
                        "socket path: %s: %d bytes (expected: at most 107)"
                                .formatted(path, path.toString().length()));
    }

    @Test
    void absentDirectoryIsNamed() {
        assertThatIOException()
                .isThrownBy(() -> SocketPath.prepare(directory.resolve("no").resolve("s")))
                .withMessageContaining("expected: directory " + directory.resolve("no"));
    }

    private static Socket listen(Path path, int backlog) throws IOException {
        Socket socket = Socket.newSocketDomain();
        socket.bind(new DomainSocketAddress(path.toString()));
        socket.listen(backlog);
        return socket;
    }
}
