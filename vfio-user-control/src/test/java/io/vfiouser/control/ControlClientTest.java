package io.vfiouser.control;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ControlClientTest {
    @Test
    void aServerThatNeverAnswersIsGivenUp(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("s");
        try (var silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            silent.bind(UnixDomainSocketAddress.of(path));
            var client = new ControlClient(ControlAddress.parse("unix:" + path), Optional.empty());

            assertThatThrownBy(() -> client.call("GET", "/health", "", Duration.ofMillis(100)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(path.toString())
                    .hasMessageContaining("no answer within 100 ms (expected: one");
        }
    }

    @Test
    void aServerThatTakesNoConnectionsIsGivenUp(@TempDir Path directory) throws IOException {
        Path path = directory.resolve("s");
        var address = UnixDomainSocketAddress.of(path);
        try (var busy = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                var first = SocketChannel.open(StandardProtocolFamily.UNIX);
                var second = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            busy.bind(address, 1);
            first.connect(address);
            second.connect(address); // a backlog of 1 holds two
            var client = new ControlClient(ControlAddress.parse("unix:" + path), Optional.empty());

            assertThatThrownBy(() -> client.call("GET", "/health", "", Duration.ofMillis(100)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no answer within 100 ms (expected: one");
        }
    }
}
