package io.vfiouser.it.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.RawConnection;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.server.options.Limit;
import io.vfiouser.server.options.Limits;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A client that connects and does not negotiate would keep the device from everybody else.
@ExtendWith(NoDescriptorLeaks.class)
class SilentClientTest {
    private static final Duration NEGOTIATION = Duration.ofSeconds(1);
    private static final Duration AMPLE = Duration.ofSeconds(20);

    private final TestServer server =
            TestServer.start(
                    ServerOptions.defaults()
                            .withLimits(
                                    Limits.defaults()
                                            .with(Limit.NEGOTIATION_TIMEOUT, NEGOTIATION)
                                            .with(Limit.PEER_CALL_TIMEOUT, AMPLE)
                                            .with(Limit.LEASE_TIMEOUT, AMPLE)));
    private Path socket = Path.of("");

    @BeforeEach
    void serve() {
        socket = server.serve("gpio", new GpioDevice());
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void isSentAwayWhenItSaysNothing() {
        try (var silent = RawConnection.connect(socket)) {
            assertThat(silent.awaitClosed(AMPLE)).isTrue();
        }
    }

    @Test
    void isSentAwayWhenItsVersionDoesNotEnd() {
        try (var slow = RawConnection.connect(socket)) {
            slow.send((byte) 1, (byte) 0, (byte) 1, (byte) 0, (byte) 60);
            assertThat(slow.awaitClosed(AMPLE)).isTrue();
        }
    }

    @Test
    void doesNotKeepTheNextOneWaiting() {
        try (var silent = RawConnection.connect(socket);
                var next = VfioUserClient.connect(socket)) {
            assertThat(next.info().regionCount()).isEqualTo(9);
            assertThat(silent.isOpen()).isFalse();
        }
    }

    @Test
    void mayBeSilentOnceItHasNegotiated() {
        try (var client = RawConnection.connect(socket)) {
            client.negotiate();
            assertThat(client.awaitClosed(NEGOTIATION.plusMillis(300))).isFalse();
        }
    }
}
