package io.vfiouser.it.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.ClientException;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.RawConnection;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.it.support.GatedDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.server.options.SecondClient;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What becomes of a client while another one is there.
@ExtendWith(NoDescriptorLeaks.class)
class SecondClientTest {
    private static final Duration AMPLE = Duration.ofSeconds(20);

    private final BlockingQueue<String> refused = new LinkedBlockingQueue<>();
    private final ServerListener listener =
            new ServerListener() {
                @Override
                public void connectionRefused(String device, String reason) {
                    refused.add(device + ": " + reason);
                }
            };

    private TestServer start(SecondClient fate) {
        return TestServer.start(
                ServerOptions.defaults()
                        .withService(ServiceOptions.defaults().withSecondClient(fate))
                        .withListener(listener));
    }

    @Test
    void waitsUntilTheFirstIsGone() throws Exception {
        try (var server = start(SecondClient.WAITS)) {
            Path socket = server.serve("gated", new GatedDevice());
            var first = VfioUserClient.connect(socket);
            var second =
                    VfioUserClient.connectAsync(socket, ClientOptions.defaults())
                            .toCompletableFuture();
            assertThat(first.read(GatedDevice.BAR, GatedDevice.TAKEN, 4)).isZero();
            assertThat(second).isNotDone();
            first.close();
            try (var next = second.get(20, TimeUnit.SECONDS)) {
                assertThat(next.read(GatedDevice.BAR, GatedDevice.TAKEN, 4)).isZero();
            }
            assertThat(refused).isEmpty();
        }
    }

    @Test
    void isRefusedAtOnceWhereThatIsAskedFor() throws Exception {
        try (var server = start(SecondClient.IS_REFUSED)) {
            Path socket = server.serve("gated", new GatedDevice());
            var first = VfioUserClient.connect(socket);
            for (int i = 0; i < 3; i++) {
                try (var second = RawConnection.connect(socket)) {
                    assertThat(second.awaitClosed(AMPLE)).isTrue();
                }
                assertThat(refused.poll(20, TimeUnit.SECONDS))
                        .startsWith("gated: ")
                        .contains("pid " + ProcessHandle.current().pid())
                        .endsWith("a second client (expected: one at a time)");
            }
            assertThatThrownBy(() -> VfioUserClient.connect(socket))
                    .isInstanceOf(ClientException.class);
            assertThat(first.read(GatedDevice.BAR, GatedDevice.TAKEN, 4)).isZero();
            first.close();
            try (var next = VfioUserClient.connect(socket)) {
                assertThat(next.read(GatedDevice.BAR, GatedDevice.TAKEN, 4)).isZero();
            }
        }
    }

    @Test
    void waitsWhileTheFirstIsLeaving() throws Exception {
        var gated = new GatedDevice();
        try (var server = start(SecondClient.IS_REFUSED)) {
            Path socket = server.serve("gated", gated);
            var first = VfioUserClient.connect(socket);
            first.post(GatedDevice.BAR, GatedDevice.GATE, 4, 1);
            CompletableFuture<?> gate = gated.nextGate();
            first.close();

            var second =
                    VfioUserClient.connectAsync(socket, ClientOptions.defaults())
                            .toCompletableFuture();
            assertThat(second).isNotDone();
            gate.complete(null);
            try (var next = second.get(20, TimeUnit.SECONDS)) {
                assertThat(next.read(GatedDevice.BAR, GatedDevice.TAKEN, 4)).isEqualTo(1);
            }
            assertThat(refused).isEmpty();
        }
    }
}
