package io.vfiouser.it.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.filters.DelayFilter;
import io.vfiouser.filters.DelaySettings;
import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.filters.ErrorFilter;
import io.vfiouser.filters.ErrorRule;
import io.vfiouser.filters.ErrorSettings;
import io.vfiouser.filters.Target;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.protocol.Command;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.trace.proxy.ProxyOptions;
import io.vfiouser.trace.proxy.VfioUserProxy;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Clients that send more through a proxy with filters than anybody answers.
@ExtendWith(NoDescriptorLeaks.class)
class ProxyFloodTest {
    private static final int HEADER = 16;
    private static final int ACCESS = 32;
    private static final int BAR2 = 2;
    private static final int MOST = 24 << 20;
    private static final int STALLED_MILLIS = 400;

    @TempDir private Path directory;
    private final TestServer server = TestServer.start();

    /// The JDK keeps a descriptor from its first socket on.
    @BeforeAll
    static void openTheFirstSocket() throws IOException {
        SocketChannel.open(StandardProtocolFamily.UNIX).close();
    }

    @AfterEach
    void close() {
        server.close();
    }

    private VfioUserProxy proxy(List<Supplier<DeviceFilter>> filters) {
        Path behind = server.serve("gpio", new GpioDevice());
        return VfioUserProxy.start(socket(), behind, ProxyOptions.DEFAULTS.withFilters(filters));
    }

    private Path socket() {
        return directory.resolve("proxy.sock");
    }

    private SocketChannel connect() throws IOException {
        var channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()));
        byte[] text = "{}\0".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer version = message(0, Command.VERSION, HEADER + 4 + text.length);
        version.putShort((short) 0).putShort((short) 1).put(text).flip();
        channel.write(version);
        assertThat(receive(channel)).isZero();
        return channel;
    }

    private static ByteBuffer message(int id, Command command, int size) {
        return ByteBuffer.allocate(size)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) id)
                .putShort((short) command.id())
                .putInt(size)
                .putInt(0)
                .putInt(0);
    }

    private static ByteBuffer access(int id, Command command) {
        boolean write = command == Command.REGION_WRITE;
        return message(id, command, ACCESS + (write ? 1 : 0))
                .putLong(0)
                .putInt(BAR2)
                .putInt(1)
                .rewind();
    }

    /// The id of the next message that comes.
    private static int receive(SocketChannel channel) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
        fill(channel, header);
        fill(channel, ByteBuffer.allocate(header.getInt(4) - HEADER));
        return Short.toUnsignedInt(header.getShort(0));
    }

    private static void fill(SocketChannel channel, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            if (channel.read(into) < 0) {
                throw new EOFException("proxy (expected: open)");
            }
        }
    }

    @Test
    void thousandsThatAFilterAnswersBehindOneThatWaits() throws Exception {
        var errors = ErrorSettings.ofWrites(ErrorRule.always(Errno.ENOSPC));
        var delay = new DelaySettings(Duration.ofMillis(200), Duration.ZERO, Target.ALL);
        try (var _ = proxy(List.of(() -> new DelayFilter(delay), () -> new ErrorFilter(errors)));
                var client = connect()) {
            int writes = 20_000;
            ByteBuffer all = ByteBuffer.allocate(ACCESS + writes * (ACCESS + 1));
            all.put(access(0, Command.REGION_READ));
            for (int i = 1; i <= writes; i++) {
                all.put(access(i, Command.REGION_WRITE));
            }
            all.flip();
            var sending = Thread.ofPlatform().start(() -> send(client, all));
            for (int i = 0; i <= writes; i++) {
                assertThat(receive(client)).isEqualTo(i);
            }
            sending.join();
        }
    }

    private static void send(SocketChannel client, ByteBuffer all) {
        try {
            while (all.hasRemaining()) {
                client.write(all);
            }
        } catch (IOException _) {
            all.position(all.limit()); // the test finds the connection closed
        }
    }

    @Test
    void whoDoesNotReadWhatTheFiltersAnswerIsNotReadFrom() throws Exception {
        var errors = ErrorSettings.ofWrites(ErrorRule.always(Errno.ENOSPC));
        try (var _ = proxy(List.of(() -> new ErrorFilter(errors)));
                var client = connect()) {
            int sent = sendUntilStalled(client);
            assertThat(sent * (ACCESS + 1)).isLessThan(MOST);
            client.configureBlocking(true);
            for (int i = 0; i < sent; i++) {
                assertThat(receive(client)).isEqualTo(i & 0xffff);
            }
        }
    }

    /// How many writes the proxy has taken from a client that does not read.
    private static int sendUntilStalled(SocketChannel client) throws IOException {
        try (var selector = Selector.open()) {
            client.configureBlocking(false);
            client.register(selector, SelectionKey.OP_WRITE);
            int sent = 0;
            ByteBuffer next = access(0, Command.REGION_WRITE);
            while (sent * (ACCESS + 1) < MOST && selector.select(STALLED_MILLIS) > 0) {
                selector.selectedKeys().clear();
                while (client.write(next) > 0) {
                    if (!next.hasRemaining()) {
                        sent++;
                        next = access(sent, Command.REGION_WRITE);
                    }
                }
            }
            return sent;
        }
    }
}
