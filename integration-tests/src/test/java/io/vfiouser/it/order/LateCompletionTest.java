package io.vfiouser.it.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.netty.buffer.Unpooled;
import io.vfiouser.client.RawConnection;
import io.vfiouser.client.RawFrame;
import io.vfiouser.client.ReplyTimeoutException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.outcome.DeviceException;
import io.vfiouser.it.support.GatedDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.DeviceGetInfo;
import io.vfiouser.protocol.DeviceReset;
import io.vfiouser.protocol.RegionRead;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A device that completes a command later holds up its own client, in order, and nobody else.
@ExtendWith(NoDescriptorLeaks.class)
class LateCompletionTest {
    private static final int BAR = GatedDevice.BAR;
    private static final Duration AT_ONCE = Duration.ofNanos(1);

    private final TestServer server = TestServer.start();
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
    void keepsRepliesInOrderAndOthersGoing() throws InterruptedException {
        try (var client = RawConnection.connect(socket);
                var neighbour = VfioUserClient.connect(other)) {
            client.negotiate();
            send(client, 1, gate());
            send(client, 2, new RegionRead(BAR, GatedDevice.TAKEN, 4));
            send(client, 3, gate());
            send(client, 4, new DeviceGetInfo());
            send(client, 5, new DeviceReset());
            CompletableFuture<@Nullable Void> first = device.nextGate();
            // What runs on the same loop is answered, so the commands above have been seen.
            assertThat(neighbour.info().regionCount()).isEqualTo(9);
            assertNothing(client);

            first.complete(null);
            assertReply(client, 1, 0);
            assertReply(client, 2, 0);
            CompletableFuture<@Nullable Void> second = device.nextGate();
            assertThat(neighbour.info().regionCount()).isEqualTo(9);
            assertNothing(client);

            second.completeExceptionally(new DeviceException(Errno.ENOSPC, "full"));
            assertReply(client, 3, Errno.ENOSPC.number());
            assertReply(client, 4, 0);
            assertReply(client, 5, 0);
        }
    }

    @Test
    void seesHowFarItIsOnlyWhenItHasGoneOn() throws InterruptedException {
        try (var client = VfioUserClient.connect(socket)) {
            CompletableFuture<Integer> slow =
                    client.async().regionWrite(BAR, GatedDevice.GATE, new byte[4]);
            CompletableFuture<byte[]> behind = client.async().regionRead(BAR, GatedDevice.TAKEN, 4);
            CompletableFuture<@Nullable Void> gate = device.nextGate();
            assertThat(slow).isNotDone();
            assertThat(behind).isNotDone();
            gate.complete(null);
            assertThat(slow.join()).isEqualTo(4);
            assertThat(behind.join()).containsExactly(1, 0, 0, 0);
        }
    }

    @Test
    void answersAfterAPostedCommandThatCompletesLater() throws InterruptedException {
        try (var client = VfioUserClient.connect(socket)) {
            client.post(BAR, GatedDevice.GATE, 4, 1);
            CompletableFuture<byte[]> behind = client.async().regionRead(BAR, GatedDevice.TAKEN, 4);
            CompletableFuture<@Nullable Void> gate = device.nextGate();
            assertThat(behind).isNotDone();
            gate.complete(null);
            assertThat(behind.join()).containsExactly(1, 0, 0, 0);
        }
    }

    @Test
    void isWaitedForWhenTheClientLeaves() throws InterruptedException {
        CompletableFuture<@Nullable Void> gate;
        try (var client = RawConnection.connect(socket)) {
            client.negotiate();
            send(client, 1, gate());
            gate = device.nextGate();
        }
        try (var next = RawConnection.connect(socket);
                var neighbour = VfioUserClient.connect(other)) {
            next.send(versionWithoutText());
            assertThat(neighbour.info().regionCount()).isEqualTo(9);
            assertNothing(next);
            gate.complete(null);
            assertReply(next, 9, 0);
        }
    }

    private static RegionWrite gate() {
        return new RegionWrite(BAR, GatedDevice.GATE, Unpooled.wrappedBuffer(new byte[4]));
    }

    private static byte[] versionWithoutText() {
        byte[] message = new byte[20];
        message[0] = 9;
        message[2] = 1;
        message[4] = (byte) message.length;
        return message;
    }

    private static void send(RawConnection client, int id, ClientRequest request) {
        client.send(id, request, FdBundle.empty());
    }

    private static void assertNothing(RawConnection client) {
        assertThatExceptionOfType(ReplyTimeoutException.class)
                .isThrownBy(() -> client.receive(AT_ONCE));
    }

    private static void assertReply(RawConnection client, int id, int error) {
        try (RawFrame reply = client.receive()) {
            assertThat(reply.header().messageId()).isEqualTo(id);
            assertThat(reply.header().error()).isEqualTo(error);
        }
    }
}
