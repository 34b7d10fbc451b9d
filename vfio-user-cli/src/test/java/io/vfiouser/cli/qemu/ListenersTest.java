package io.vfiouser.cli.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ListenersTest {
    @TempDir Path directory;

    @Test
    void tellsAServerFromTheFileThatOneLeftBehind() throws IOException {
        Path socket = directory.resolve("listeners-test.sock");
        assertThat(Listeners.absence(socket)).contains("no such file");
        try (var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            assertThat(Listeners.absence(socket)).isEmpty();
        }
        assertThat(Listeners.absence(socket)).contains("nothing listens there");
    }
}
