package io.vfiouser.it.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.RawConnection;
import io.vfiouser.client.RawFrame;
import io.vfiouser.client.ReplyTimeoutException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.it.support.GatedDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.FdBundle;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A client that sends without end behind a slow command, or never reads, is no longer read from:
/// the server holds a bounded part of what it sent, and serves others meanwhile.
@ExtendWith(NoDescriptorLeaks.class)
class SlowClientTest {
    private static final int BAR = GatedDevice.BAR;
    private static final int HELD_COMMANDS = 64;
    private static final int HELD_BYTES = 1 << 16;
    private static final int BATCH = 1024;

    /// Far more than both sockets and the server's queue hold.
    private static final int MAX_BATCHES = 256;

    private final TestServer server =
            TestServer.start(
                    ServerOptions.defaults()
                            .withLimits(
                                    Limits.defaults()
                                            .with(Limit.MAX_QUEUED_COMMANDS, HELD_COMMANDS)
                                            .with(Limit.MAX_QUEUED_BYTES, HELD_BYTES)));
    private final GatedDevice device = new GatedDevice();
    private Path socket = Path.of("");
    private Path other = Path.of("");

    @BeforeEach
    void serve() {
        socket = server.serve("gated", device);
        other = server.serve("other", new GatedDevice());
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void isHeldBackBehindASlowCommandAndNothingIsLost() throws InterruptedException {
        try (var client = impatient(socket)) {
            client.negotiate();
            client.send(write(GatedDevice.GATE, 0));
            CompletableFuture<@Nullable Void> gate = device.nextGate();
            int batches = sendUntilRefused(client, repeated(write(GatedDevice.COUNTER, 0x10)));
            assertThat(device.counted()).isZero();
            assertOtherIsServed();

            gate.complete(null);
            try (RawFrame reply = client.receive(Duration.ofSeconds(20))) {
                assertThat(reply.header().isError()).isFalse();
            }
            // The last batch had been taken by the client's own queue; it arrives as well.
            sendWhateverTheRoom(client, read(GatedDevice.TAKEN, 4));
            try (RawFrame reply = client.receive(Duration.ofSeconds(20))) {
                assertThat(reply.header().isError()).isFalse();
            }
            assertThat(device.counted()).isEqualTo(batches * BATCH);
        }
    }

    @Test
    void thatNeverReadsIsNotReadFromAnyMore() {
        try (var client = impatient(socket)) {
            client.negotiate();
            client.setReading(false);
            sendUntilRefused(client, repeated(read(GatedDevice.SCRATCH, 0x800)));
            assertOtherIsServed();
        }
        try (var next = VfioUserClient.connect(socket)) {
            assertThat(next.info().regionCount()).isEqualTo(9);
        }
    }

    @Test
    void thatReadsAgainGetsAllReplies() {
        try (var client = impatient(socket)) {
            client.negotiate();
            client.setReading(false);
            int batches = sendUntilRefused(client, repeated(read(GatedDevice.SCRATCH, 0x100)));
            client.setReading(true);
            for (int i = 0; i < batches * BATCH; i++) {
                try (RawFrame reply = client.receive(Duration.ofSeconds(20))) {
                    assertThat(reply.header().size()).isEqualTo(32 + 0x100);
                }
            }
        }
    }

    private void assertOtherIsServed() {
        try (var neighbour = VfioUserClient.connect(other)) {
            for (int i = 0; i < 100; i++) {
                neighbour.write(BAR, GatedDevice.SCRATCH, 4, i);
                assertThat(neighbour.read(BAR, GatedDevice.SCRATCH, 4)).isEqualTo(i);
            }
        }
    }

    /// Sends until the socket has no room for longer than the client waits.
    ///
    /// @return batches sent, the last of which waits in the client
    private static int sendUntilRefused(RawConnection client, byte[] batch) {
        int sent = 0;
        try {
            while (sent < MAX_BATCHES) {
                sent++;
                client.send(batch, FdBundle.empty());
            }
        } catch (ReplyTimeoutException e) {
            assertThatExceptionOfType(ReplyTimeoutException.class)
                    .isThrownBy(() -> {
                        throw e;
                    })
                    .withMessageContaining("room in the socket");
            return sent;
        }
        throw new AssertionError(
                "sent: " + sent + " batches (expected: the socket is full before that)");
    }

    /// A message that finds no room within the client's time stays in its queue and leaves later.
    private static void sendWhateverTheRoom(RawConnection client, byte[] message) {
        try {
            client.send(message);
        } catch (ReplyTimeoutException e) {
            assertThat(e).hasMessageContaining("room in the socket");
        }
    }

    private static RawConnection impatient(Path socket) {
        return RawConnection.connect(
                socket, ClientOptions.defaults().withTimeout(Duration.ofSeconds(1)));
    }

    private static byte[] repeated(byte[] message) {
        byte[] batch = new byte[BATCH * message.length];
        for (int i = 0; i < BATCH; i++) {
            System.arraycopy(message, 0, batch, i * message.length, message.length);
        }
        return batch;
    }

    private static byte[] write(long offset, int flags) {
        return message(10, flags, offset, 4, 4);
    }

    private static byte[] read(long offset, int count) {
        return message(9, 0, offset, count, 0);
    }

    private static byte[] message(int command, int flags, long offset, int count, int data) {
        ByteBuf out = Unpooled.buffer();
        out.writeShortLE(0).writeShortLE(command).writeIntLE(32 + data).writeIntLE(flags);
        out.writeIntLE(0).writeLongLE(offset).writeIntLE(BAR).writeIntLE(count).writeZero(data);
        return ByteBufUtil.getBytes(out);
    }
}
