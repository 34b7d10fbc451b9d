package io.vfiouser.it.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.RawConnection;
import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Descriptors;
import io.vfiouser.os.Errno;
import io.vfiouser.os.FdBundle;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.DmaMap;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
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

    private static void map(VfioUserClient client, SharedMemory memory) throws Exception {
        client.async()
                .dmaMap(
                        new DmaMap(DmaFlags.READ_WRITE, 0, 0x1000, 4096),
                        FdBundle.of(Descriptors.duplicate(memory.fd())))
                .get(20, TimeUnit.SECONDS);
    }
}
