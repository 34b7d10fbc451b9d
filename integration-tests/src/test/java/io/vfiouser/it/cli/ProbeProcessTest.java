package io.vfiouser.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `./vfio-user probe` against servers that do not what they should.
@Timeout(180)
final class ProbeProcessTest {
    private static final byte[] VERSION_REPLY =
            HexFormat.ofDelimiter(" ")
                    .parseHex(
                            "00 00 01 00 14 00 00 00 01 00 00 00 00 00 00 00" // header, 20 bytes
                                    + " 00 00 00 00"); // version 0.0, no capabilities

    @TempDir Path directory;

    @Test
    void namesASocketWithoutServer() throws Exception {
        expectOneLine(probe("absent.sock"), "absent.sock");
    }

    @Test
    void namesAServerThatHangsUp() throws Exception {
        try (var server = listen("s")) {
            var served = CompletableFuture.runAsync(() -> answer(server, new byte[0]));
            expectOneLine(probe("s"), "it refuses others (--second-client=refuse)");
            served.join();
        }
    }

    @Test
    void namesAServerThatHangsUpInTheMiddle() throws Exception {
        try (var server = listen("s")) {
            var served = CompletableFuture.runAsync(() -> answer(server, VERSION_REPLY));
            expectOneLine(probe("s"), "closed");
            served.join();
        }
    }

    @Test
    void namesAServerThatSendsGarbage() throws Exception {
        try (var server = listen("s")) {
            byte[] garbage = "HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
            var served = CompletableFuture.runAsync(() -> answer(server, garbage));
            expectOneLine(probe("s"), "expected");
            served.join();
        }
    }

    @Test
    void namesAServerThatNeverAnswers() throws Exception {
        try (var server = listen("s")) {
            assertThat(server.isOpen()).isTrue();
            expectOneLine(
                    probe("s", "--timeout", "300ms"), "later ones wait (--second-client=wait)");
        }
    }

    private CommandRun probe(String name, String... more) throws Exception {
        String[] arguments = new String[more.length + 2];
        arguments[0] = "probe";
        arguments[1] = directory.resolve(name).toString();
        System.arraycopy(more, 0, arguments, 2, more.length);
        return CommandRun.vfioUser(arguments);
    }

    private void expectOneLine(CommandRun run, String reason) {
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.output()).isEmpty();
        assertThat(run.errors()).hasSize(1);
        assertThat(run.errors().getFirst())
                .startsWith("vfio-user: " + directory)
                .containsIgnoringCase(reason);
    }

    private ServerSocketChannel listen(String name) throws Exception {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(directory.resolve(name)));
    }

    /// Takes one client's first bytes, answers, and hangs up.
    private static void answer(ServerSocketChannel server, byte[] reply) {
        try (SocketChannel client = server.accept()) {
            client.read(ByteBuffer.allocate(4096));
            client.write(ByteBuffer.wrap(reply));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
