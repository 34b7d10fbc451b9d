package io.vfiouser.it.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.testkit.guest.GuestResult;
import io.vfiouser.testkit.guest.GuestVm;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Linux's serial driver against the serial device, with this test at the other end of the cable:
/// it logs in, and then exchanges random bytes with the guest.
@Tag("guest")
final class SerialGuestTest {
    private static final int BLOCK = 16_384;

    @Test
    void guestGivesALoginAndExchangesBytes(@TempDir Path directory) throws Exception {
        Path socket = directory.resolve("serial.sock");
        Path console = directory.resolve("console.sock");
        GuestResult guest;
        try (var server =
                        ServedProcess.start(
                                List.of(
                                        ProjectPaths.LAUNCHER,
                                        "serve",
                                        "serial",
                                        "--socket",
                                        socket.toString(),
                                        "--set",
                                        "backend=unix",
                                        "--set",
                                        "path=" + console,
                                        "--set",
                                        "flow-control=rts"),
                                Duration.ofMinutes(2));
                var peer = SocketChannel.open(UnixDomainSocketAddress.of(console));
                ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<?> terminal =
                    threads.submit(() -> {
                        new Terminal(peer).use();
                        return true;
                    });
            guest =
                    GuestVm.named("serial", ProjectPaths.RIG, ProjectPaths.GUEST_LOGS)
                            .modules()
                            .device(socket)
                            .script(ProjectPaths.guestScript("serial.sh"))
                            .boot();
            peer.shutdownInput(); // a terminal that still waits is told
            terminal.get();
            assertThat(server.errorLines()).isEmpty();
        }

        guest.requireSuccess();
        assertThat(guest.lines("PASS driver serial bound to")).hasSize(1);
        assertThat(guest.lines("PASS somebody has logged in and out")).hasSize(1);
        assertThat(guest.lines("PASS 16 KiB ")).hasSize(2);
        assertThat(guest.lines("FAIL")).isEmpty();
    }

    /// What sits in front of the guest.
    private record Terminal(SocketChannel line) {
        void use() throws IOException, NoSuchAlgorithmException {
            write("\r"); // typed ahead, before the guest has booted
            await("guest login: ");
            write("root\r");
            await("# ");
            write("echo $((6 * 7)) $(tty)\r");
            assertThat(await("42 /dev/ttyS").toString(StandardCharsets.US_ASCII)).contains("echo");
            await("# ");
            write("exit\r");

            await("send " + BLOCK + "\n");
            byte[] bytes = new byte[BLOCK];
            new Random(1).nextBytes(bytes);
            line.write(ByteBuffer.wrap(bytes));
            await("sum " + md5(bytes) + "\n");
            write("right\n");
            var received = ByteBuffer.allocate(BLOCK);
            while (received.hasRemaining()) {
                assertThat(line.read(received)).isPositive();
            }
            write(md5(received.array()) + "\n");
        }

        private void write(String text) throws IOException {
            line.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
        }

        /// Reads up to and with `end`.
        private ByteArrayOutputStream await(String end) throws IOException {
            var text = new ByteArrayOutputStream();
            var one = ByteBuffer.allocate(1);
            while (!text.toString(StandardCharsets.ISO_8859_1).endsWith(end)) {
                assertThat(line.read(one.clear())).as("after %s", text).isPositive();
                text.write(one.get(0));
            }
            return text;
        }

        private static String md5(byte[] bytes) throws NoSuchAlgorithmException {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        }
    }
}
