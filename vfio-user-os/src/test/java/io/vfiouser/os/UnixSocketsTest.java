package io.vfiouser.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(NoDescriptorLeaks.class)
class UnixSocketsTest {
    @TempDir private Path directory;
    private Socket listener;
    private Socket client;

    @BeforeEach
    void open() {
        Platform.ensureSupported();
        listener = Socket.newSocketDomain();
        client = Socket.newSocketDomain();
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
        client.close();
    }

    @Test
    void connectsToWhatIsBoundAndListens() throws IOException {
        String path = directory.resolve("s").toString();
        UnixSockets.bind(listener, path);
        listener.listen(1);

        assertThat(UnixSockets.connect(client, path)).isTrue();
        assertThat(PeerCredentials.of(client).pid()).isEqualTo((int) ProcessHandle.current().pid());
    }

    @Test
    void bindNeverTakesThePlaceOfAFile() throws IOException {
        Path file = Files.writeString(directory.resolve("precious"), "content");

        assertErrno(() -> UnixSockets.bind(listener, file.toString()), Errno.EADDRINUSE);
        assertThat(file).hasContent("content");
    }

    @Test
    void errorsNameThePath() throws IOException {
        Path file = Files.createFile(directory.resolve("plain"));

        assertErrno(() -> UnixSockets.connect(client, file.toString()), Errno.ECONNREFUSED);
        assertErrno(() -> UnixSockets.connect(client, file + "x"), Errno.ENOENT);
        assertErrno(() -> UnixSockets.bind(listener, directory + "/no/s"), Errno.ENOENT);
        assertErrno(() -> UnixSockets.bind(listener, "/" + "x".repeat(107)), Errno.ENAMETOOLONG);
        assertErrno(() -> UnixSockets.connect(client, "/" + "x".repeat(107)), Errno.ENAMETOOLONG);
    }

    @Test
    void fullQueueIsToldAtOnce() throws IOException {
        String path = directory.resolve("s").toString();
        UnixSockets.bind(listener, path);
        listener.listen(0);
        assertThat(UnixSockets.connect(client, path)).isTrue();
        Socket second = Socket.newSocketDomain();
        assertThat(UnixSockets.connect(second, path)).isFalse();
        second.close();
    }

    @Test
    void pairIsNonBlocking() throws IOException {
        FileDescriptor[] pair = UnixSockets.pair();
        assertThat(Descriptors.isNonBlocking(pair[0])).isTrue();
        assertThat(Descriptors.isNonBlocking(pair[1])).isTrue();
        pair[0].close();
        pair[1].close();
    }

    @Test
    void anyDescriptorCanBeMadeNonBlocking() {
        try (SharedMemory memory = SharedMemory.create("guest", 1)) {
            assertThat(Descriptors.isNonBlocking(memory.fd())).isFalse();
            Descriptors.setNonBlocking(memory.fd());
            assertThat(Descriptors.isNonBlocking(memory.fd())).isTrue();
        }
    }

    private void assertErrno(ThrowingCallable call, Errno errno) {
        assertThatExceptionOfType(NativeCallException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.errno()).isEqualTo(errno))
                .withMessageContaining("path=/");
    }
}
