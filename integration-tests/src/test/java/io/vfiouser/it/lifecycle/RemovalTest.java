package io.vfiouser.it.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.it.support.GatedDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.server.Removal;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Devices are added to and taken from a running server.
@ExtendWith(NoDescriptorLeaks.class)
class RemovalTest {
    private static final Duration AMPLE = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final TestServer server = TestServer.start();
    private final CountDownLatch closed = new CountDownLatch(1);
    private ServedDevice served;
    private Path socket;

    @BeforeEach
    void serve() {
        socket = server.serve("leaving", new ClosingDevice(closed));
        served = server.server().devices().iterator().next();
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void asksTheClientByReqAndClosesWhenItHasLeft() throws Exception {
        var client = VfioUserClient.connect(socket);
        var request = client.irq(IrqIndex.REQ.index(), 0);
        request.arm();

        CompletableFuture<Removal> removed = served.remove(AMPLE).toCompletableFuture();

        assertThat(request.await(AMPLE)).isEqualTo(1);
        assertThat(socket).doesNotExist();
        assertThat(removed).isNotDone();
        assertThat(client.read(0, 0x4, 4)).as("usable until it leaves").isZero();
        client.close();
        assertThat(removed.get(20, TimeUnit.SECONDS)).isEqualTo(Removal.CLIENT_LEFT);
        assertThat(closed.await(0, TimeUnit.SECONDS)).isTrue();
        assertThat(server.server().devices()).isEmpty();
    }

    @Test
    void disconnectsTheClientThatStays() throws Exception {
        try (var client = VfioUserClient.connect(socket)) {
            Removal removal = served.remove(SHORT).toCompletableFuture().get(20, TimeUnit.SECONDS);
            assertThat(removal).isEqualTo(Removal.CLIENT_DISCONNECTED);
            client.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
        assertThat(closed.await(0, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void closesAtOnceWithoutAClient() throws Exception {
        Removal removal = served.remove(AMPLE).toCompletableFuture().get(20, TimeUnit.SECONDS);
        assertThat(removal).isEqualTo(Removal.NO_CLIENT);
        assertThat(socket).doesNotExist();
    }

    @Test
    void surpriseRemovalEndsAGraceThatRuns() throws Exception {
        try (var client = VfioUserClient.connect(socket)) {
            var removed = served.remove(AMPLE).toCompletableFuture();
            served.close();
            assertThat(removed.get(20, TimeUnit.SECONDS)).isEqualTo(Removal.CLIENT_DISCONNECTED);
            client.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void theShorterOfTwoGracesCounts() throws Exception {
        try (var client = VfioUserClient.connect(socket)) {
            var removed = served.remove(AMPLE).toCompletableFuture();
            var _ = served.remove(SHORT);
            assertThat(removed.get(20, TimeUnit.SECONDS)).isEqualTo(Removal.CLIENT_DISCONNECTED);
            client.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void leavesOtherDevicesAloneAndItsNameCanBeUsedAgain() throws Exception {
        Path other = server.serve("staying", new GpioDevice());
        try (var neighbour = VfioUserClient.connect(other)) {
            neighbour.write(2, 0, 1, 0x5a);
            served.close();
            assertThat(neighbour.read(2, 1, 1)).isEqualTo(0x5a);

            Path again = server.serve("leaving", new GpioDevice());
            try (var client = VfioUserClient.connect(again)) {
                client.write(2, 0, 1, 0xa5);
                assertThat(client.read(2, 1, 1)).isEqualTo(0xa5);
            }
            assertThat(neighbour.read(2, 1, 1)).isEqualTo(0x5a);
        }
    }

    @Test
    void waitsForTheCommandAtWork() throws Exception {
        var gated = new GatedDevice();
        Path path = server.serve("gated", gated);
        try (var client = VfioUserClient.connect(path)) {
            client.post(GatedDevice.BAR, GatedDevice.GATE, 4, 1);
            CompletableFuture<?> gate = gated.nextGate();
            var removed = byName("gated").remove(SHORT).toCompletableFuture();
            client.closed().toCompletableFuture().get(20, TimeUnit.SECONDS);
            assertThat(removed).isNotDone();
            gate.complete(null);
            assertThat(removed.get(20, TimeUnit.SECONDS)).isEqualTo(Removal.CLIENT_DISCONNECTED);
        }
    }

    @Test
    void theServersEndGivesItsClientsTime() throws Exception {
        var client = VfioUserClient.connect(socket);
        var request = client.irq(IrqIndex.REQ.index(), 0);
        request.arm();
        var ending = CompletableFuture.runAsync(() -> server.server().close(AMPLE));
        assertThat(request.await(AMPLE)).isEqualTo(1);
        assertThat(ending).isNotDone();
        client.close();
        ending.get(20, TimeUnit.SECONDS);
    }

    @Test
    void aTimeBeyondAllClocksLastsUntilTheClientLeaves() throws Exception {
        var client = VfioUserClient.connect(socket);
        var removed = served.remove(Duration.ofSeconds(Long.MAX_VALUE)).toCompletableFuture();
        client.close();
        assertThat(removed.get(20, TimeUnit.SECONDS)).isEqualTo(Removal.CLIENT_LEFT);
    }

    @Test
    void closingAfterTheServerChangesNothing() {
        server.server().close();
        served.close();
        assertThat(served.remove(AMPLE).toCompletableFuture())
                .isCompletedWithValue(Removal.NO_CLIENT);
    }

    @Test
    void aServerThatRefusesATimeBelowZeroCanStillBeClosed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.server().close(Duration.ofMillis(-1)))
                .withMessage("grace: PT-0.001S (expected: zero or more)");
        server.server().close();
        assertThat(closed.getCount()).isZero();
    }

    @Test
    void refusesATimeBelowZero() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> served.remove(Duration.ofMillis(-1)))
                .withMessage("grace: PT-0.001S (expected: zero or more)");
    }

    private ServedDevice byName(String name) {
        return server.server().devices().stream()
                .filter(device -> device.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /// Tells when it is closed.
    private record ClosingDevice(CountDownLatch closed) implements Device {
        @Override
        public DeviceLayout layout() {
            return new GatedDevice().layout();
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }
}
