package io.vfiouser.it.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vfiouser.client.RawConnection;
import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.RemoteIrq;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.ClientRequest;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.protocol.RegionWrite;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Clients that want more than their share.
@ExtendWith(NoDescriptorLeaks.class)
class LimitsTest {
    private static final Duration AMPLE = Duration.ofSeconds(20);

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final ServerListener listener =
            new ServerListener() {
                @Override
                public void connectionRefused(String device, String reason) {
                    events.add(reason);
                }

                @Override
                public void clientDetached(String device, long session, String reason) {
                    events.add(reason);
                }

                @Override
                public void requestRefused(
                        String device, long session, Errno errno, String message) {
                    events.add(message);
                }
            };

    private TestServer start(Limits limits) {
        return TestServer.start(ServerOptions.defaults().withLimits(limits).withListener(listener));
    }

    private String event() throws InterruptedException {
        return events.poll(20, TimeUnit.SECONDS);
    }

    @Test
    void aMessageThatIsNotFinishedEndsTheConnection() throws Exception {
        Limits limits = Limits.defaults().with(Limit.MESSAGE_TIMEOUT, Duration.ofMillis(30));
        try (var server = start(limits)) {
            var socket = server.serve("gpio", new GpioDevice());
            try (var client = RawConnection.connect(socket)) {
                client.negotiate();
                client.send(new byte[] {1, 0, 4, 0, 32});
                assertThat(client.awaitClosed(AMPLE)).isTrue();
            }
            assertThat(event())
                    .isEqualTo("the rest of a message has not come within messageTimeout, PT0.03S");
        }
    }

    @Test
    void oneClientMoreThanTheServerTakesIsRefused() throws Exception {
        try (var server = start(Limits.defaults().with(Limit.MAX_SESSIONS, 1))) {
            var first = server.serve("gpio0", new GpioDevice());
            var second = server.serve("gpio1", new GpioDevice());
            try (var client = VfioUserClient.connect(first);
                    var other = RawConnection.connect(second)) {
                assertThat(other.awaitClosed(AMPLE)).isTrue();
                assertThat(event())
                        .isEqualTo("clients of all devices: 2 (expected: at most maxSessions, 1)");
                assertThat(client.info().pci()).isTrue();
            }
            assertThat(event()).isEqualTo("the client closed the connection");
            try (var client = VfioUserClient.connect(second)) {
                assertThat(client.info().pci()).isTrue();
            }
        }
    }

    @Test
    void mappingsOfAllClientsTogetherAreLimited() throws Exception {
        Limits limits = Limits.defaults().with(Limit.MAX_SERVER_MAPS, 1);
        try (var server = start(limits);
                var memory = SharedMemory.create("guest", 8192)) {
            var first = server.serve("gpio0", new GpioDevice());
            var second = server.serve("gpio1", new GpioDevice());
            try (var other = VfioUserClient.connect(second)) {
                try (var client = VfioUserClient.connect(first)) {
                    map(client, memory);
                    assertThatThrownBy(() -> map(other, memory))
                            .hasCauseInstanceOf(RemoteErrorException.class)
                            .hasMessageContaining("ENOSPC");
                    assertThat(event())
                            .isEqualTo(
                                    "mappings of all clients: 2 (expected: at most maxServerMaps,"
                                            + " 1)");
                }
                assertThat(event()).isEqualTo("the client closed the connection");
                map(other, memory);
            }
        }
    }

    @Test
    void aClientThatDoesNotReadRequestsIsDisconnected() throws Exception {
        try (var server = start(Limits.defaults().with(Limit.MAX_UNREAD_BYTES, 1 << 16))) {
            var socket = server.serve("greedy", new GreedyDevice());
            try (var client = RawConnection.connect(socket)) {
                client.negotiate();
                client.setReading(false);
                request(client, 1, new DmaMap(DmaFlags.READ_WRITE, 0, GreedyDevice.IOVA, 4096));
                request(client, 2, write(GreedyDevice.SEND, 1000));
                assertThat(event())
                        .isEqualTo(
                                "the client does not read its socket (expected: at most"
                                        + " maxUnreadBytes, 65536)");
            }
        }
    }

    @Test
    void aDeviceMayHaveSoManyRequestsUnderWay() throws Exception {
        var device = new GreedyDevice();
        try (var server = start(Limits.defaults().with(Limit.MAX_PEER_CALLS, 2))) {
            var socket = server.serve("greedy", device);
            try (var client = RawConnection.connect(socket)) {
                client.negotiate();
                request(client, 1, new DmaMap(DmaFlags.READ_WRITE, 0, GreedyDevice.IOVA, 4096));
                request(client, 2, write(GreedyDevice.SEND, 3));
                assertThat(device.failures.poll(20, TimeUnit.SECONDS))
                        .hasMessageContaining(
                                "outstanding DMA messages: 2 (expected: below maxPeerCalls, 2)");
                assertThat(device.failures).isEmpty();
            }
        }
    }

    @Test
    void capabilitiesNestedTooDeepEndTheConnection() throws Exception {
        try (var server = start(Limits.defaults().with(Limit.MAX_CAPABILITIES_DEPTH, 4))) {
            var socket = server.serve("gpio", new GpioDevice());
            try (var client = RawConnection.connect(socket)) {
                client.send(version("{\"a\":[[[[]]]]}"));
                assertThat(error(client)).isEqualTo(Errno.EINVAL.number());
                assertThat(client.awaitClosed(AMPLE)).isTrue();
            }
            assertThat(event()).contains("nested within maxCapabilitiesDepth");
            try (var client = RawConnection.connect(socket)) {
                client.send(version("{\"a\":[[[]]]}"));
                assertThat(error(client)).isZero();
            }
        }
    }

    @Test
    void moreInterruptsThanTheRateBecomeFewerButTheLastIsNotLost() throws Exception {
        try (var server = start(Limits.defaults().with(Limit.MAX_INTERRUPTS_PER_SECOND, 10))) {
            var socket = server.serve("greedy", new GreedyDevice());
            try (var client = VfioUserClient.connect(socket)) {
                RemoteIrq irq = client.irq(IrqIndex.MSIX.index(), 0);
                irq.arm();
                client.write(GreedyDevice.BAR, GreedyDevice.FIRE, 4, 1000);
                assertThat(irq.take()).as("at once").isEqualTo(1);
                assertThat(irq.await(AMPLE)).as("late").isEqualTo(1);
            }
        }
    }

    @Test
    void descriptorsOfOneClientAreLimitedAndComeBack() throws Exception {
        try (var server = start(Limits.defaults().with(Limit.MAX_DESCRIPTORS, 2));
                var memory = SharedMemory.create("guest", 8192)) {
            var socket = server.serve("greedy", new GreedyDevice());
            try (var client = VfioUserClient.connect(socket)) {
                RemoteIrq irq = client.irq(IrqIndex.MSIX.index(), 0);
                irq.arm();
                mapFile(client, memory, 0x1000);
                assertThatThrownBy(() -> mapFile(client, memory, 0x2000))
                        .hasCauseInstanceOf(RemoteErrorException.class)
                        .hasMessageContaining("ENOSPC");
                assertThat(event())
                        .isEqualTo(
                                "descriptors: 1, kept already: 2 (expected: at most"
                                        + " maxDescriptors, 2)");
                irq.disarm();
                mapFile(client, memory, 0x2000);
                client.dmaUnmap(0x1000, 4096);
                irq.arm();
            }
        }
    }

    private static void mapFile(VfioUserClient client, SharedMemory memory, long iova)
            throws Exception {
        var flags = new DmaFlags(DmaFlags.READ_WRITE.bits() | DmaFlags.FILE_IO);
        client.async()
                .dmaMap(
                        new DmaMap(flags, 0, iova, 4096),
                        FdBundle.of(Descriptors.duplicate(memory.fd())))
                .get(20, TimeUnit.SECONDS);
    }

    private static void request(RawConnection client, int messageId, ClientRequest request) {
        client.send(messageId, request, FdBundle.empty());
    }

    private static RegionWrite write(long register, int value) {
        return new RegionWrite(GreedyDevice.BAR, register, Unpooled.buffer(4).writeIntLE(value));
    }

    private static int error(RawConnection client) {
        try (var reply = client.receive()) {
            return reply.header().error();
        }
    }

    private static byte[] version(String json) {
        byte[] text = json.getBytes(StandardCharsets.US_ASCII);
        var message = Unpooled.buffer();
        message.writeShortLE(1).writeShortLE(1).writeIntLE(16 + 4 + text.length + 1);
        message.writeLongLE(0).writeShortLE(0).writeShortLE(1).writeBytes(text).writeByte(0);
        return ByteBufUtil.getBytes(message);
    }

    private static void map(VfioUserClient client, SharedMemory memory) throws Exception {
        client.async()
                .dmaMap(
                        new DmaMap(DmaFlags.READ_WRITE, 0, 0x1000, 4096),
                        FdBundle.of(Descriptors.duplicate(memory.fd())))
                .get(20, TimeUnit.SECONDS);
    }
}
