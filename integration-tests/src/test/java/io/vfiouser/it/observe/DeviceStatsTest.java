package io.vfiouser.it.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceContext;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.ResetReason;
import io.vfiouser.device.irq.IrqIndex;
import io.vfiouser.device.outcome.Completion;
import io.vfiouser.device.pci.Bar;
import io.vfiouser.device.region.RegisterBlock;
import io.vfiouser.it.support.GatedDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.server.observe.CommandStats;
import io.vfiouser.server.observe.DeviceStats;
import io.vfiouser.server.observe.RegionStats;
import io.vfiouser.server.observe.ServerListener;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What a device's statistics and views say after a client did this and that.
@ExtendWith(NoDescriptorLeaks.class)
class DeviceStatsTest {
    private static final int BAR = 2;

    private final TestServer server = TestServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    /// One register; a write of anything but 7 fires INTx, of 7 throws.
    private static final class Sample implements Device {
        private DeviceContext context = DeviceContext.UNATTACHED;
        private long value;

        @Override
        public DeviceLayout layout() {
            var registers =
                    RegisterBlock.builder()
                            .readWrite(0, 4, "FIRE", () -> value, this::fire)
                            .build();
            return DeviceLayout.pci(0x1af4, 0x10f9)
                    .bar(BAR, Bar.memory(0x1000, registers))
                    .irq(IrqIndex.INTX, 1)
                    .build();
        }

        @Override
        public void attach(DeviceContext context) {
            this.context = context;
        }

        @Override
        public Completion reset(ResetReason reason) {
            value = 0;
            return Completion.DONE;
        }

        private void fire(long written) {
            if (written == 7) {
                throw new IllegalStateException("seven");
            }
            value = written;
            context.irq(IrqIndex.INTX, 0).trigger();
        }
    }

    private ServedDevice served(String name) {
        return server.server().device(name).orElseThrow();
    }

    private static CommandStats command(DeviceStats stats, String name) {
        return stats.commands().stream()
                .filter(command -> command.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " in " + stats));
    }

    @Test
    void countsCommandsRegionsErrorsAndInterrupts() {
        Path socket = server.serve("sample", new Sample());
        try (var client = VfioUserClient.connect(socket)) {
            client.irq(0, 0).arm();
            for (int i = 0; i < 500; i++) {
                client.write(BAR, 0, 4, 1);
                client.read(BAR, 0, 4);
            }
            assertThatThrownBy(() -> client.write(BAR, 0, 4, 7))
                    .isInstanceOf(RemoteErrorException.class);
            assertThatThrownBy(() -> client.read(BAR, 0x2000, 4))
                    .isInstanceOf(RemoteErrorException.class);
            client.irq(0, 0).disarm();
        }
        DeviceStats stats = served("sample").stats();
        assertThat(stats.sessions()).isEqualTo(1);
        assertThat(stats.failures()).isEqualTo(1);
        assertThat(stats.errorCount()).isEqualTo(2);
        assertThat(stats.interrupts()).containsEntry(IrqIndex.INTX, 500L).hasSize(1);
        CommandStats reads = command(stats, "REGION_READ");
        assertThat(reads.count()).isEqualTo(501);
        assertThat(reads.errors()).isEqualTo(1);
        assertThat(command(stats, "REGION_WRITE").errors()).isEqualTo(1);
        assertThat(command(stats, "VERSION").count()).isEqualTo(1);
        RegionStats bar = stats.regions().getFirst();
        assertThat(bar.name()).isEqualTo("BAR2");
        assertThat(bar.reads()).isEqualTo(500);
        assertThat(bar.bytesRead()).isEqualTo(2000);
        assertThat(bar.writes()).isEqualTo(501);
        assertThat(bar.bytesWritten()).isEqualTo(2004);
        assertThat(bar.readLatency().count()).isBetween(10L, 100L);
        assertThat(bar.readLatency().quantileNanos(0.5)).isPositive();
        assertThat(reads.latency().count()).isGreaterThanOrEqualTo(bar.readLatency().count());
    }

    @Test
    void timesWhatEndsLaterUntilItEnds() throws Exception {
        var device = new GatedDevice();
        Path socket = server.serve("gated", device);
        try (var client = VfioUserClient.connect(socket)) {
            for (int i = 0; i < 40; i++) {
                var write =
                        client.async().regionWrite(GatedDevice.BAR, GatedDevice.GATE, new byte[4]);
                var gate = device.nextGate();
                var tick = served("gated").call(System::nanoTime).get(20, TimeUnit.SECONDS);
                while (System.nanoTime() - tick < 100_000) {
                    Thread.onSpinWait();
                }
                gate.complete(null);
                write.get(20, TimeUnit.SECONDS);
            }
            CommandStats writes = command(served("gated").stats(), "REGION_WRITE");
            assertThat(writes.count()).isEqualTo(40);
            assertThat(writes.latency().count()).isPositive();
            assertThat(writes.latency().quantileNanos(0.01)).isGreaterThan(100_000);
        }
    }

    @Test
    void viewsTheClientItsMemoryAndInterrupts() throws Exception {
        Path socket = server.serve("sample", new Sample());
        try (var client = VfioUserClient.connect(socket);
                var memory = SharedMemory.create("view", 0x4000)) {
            client.dmaMap(0x10000, memory, 0, 0x4000, DmaFlags.READ_WRITE);
            client.irq(0, 0).arm();
            client.write(BAR, 0, 4, 1);
            var view = served("sample").view().get(20, TimeUnit.SECONDS);
            assertThat(view.client().orElseThrow().session()).isEqualTo(1);
            assertThat(view.memory()).singleElement().hasToString("0x10000+0x4000 rw mapped");
            assertThat(view.irqs())
                    .singleElement()
                    .satisfies(irq -> {
                        assertThat(irq.index()).isEqualTo(IrqIndex.INTX);
                        assertThat(irq.armed()).isTrue();
                        assertThat(irq.count()).isEqualTo(1);
                    });
            assertThat(view.config()).startsWith("f41af910");
            assertThat(view.configBytes()).hasSize(256);
            assertThat(served("sample").stats().dma().bytes()).isEqualTo(0x4000);
            client.irq(0, 0).disarm();
        }
    }

    @Test
    void resetsAndInterruptsBesideTheClient() throws Exception {
        Path socket = server.serve("sample", new Sample());
        var device = served("sample");
        assertThat(device.interrupt(IrqIndex.INTX, 0).get(20, TimeUnit.SECONDS)).isFalse();
        try (var client = VfioUserClient.connect(socket)) {
            var irq = client.irq(0, 0);
            irq.arm();
            assertThat(device.interrupt(IrqIndex.INTX, 0).get(20, TimeUnit.SECONDS)).isTrue();
            assertThat(irq.await(Duration.ofSeconds(20))).isEqualTo(1);
            client.write(BAR, 0, 4, 5);
            device.reset().get(20, TimeUnit.SECONDS);
            assertThat(client.read(BAR, 0, 4)).isZero();
            irq.disarm();
        }
        assertThatThrownBy(() -> device.interrupt(IrqIndex.MSIX, 3).join())
                .isInstanceOf(CompletionException.class)
                .hasMessageContaining("MSIX.3 (expected: one of the 0 that the layout has)");
    }

    @Test
    void refusesAResetWhileACommandIsAtWork() throws Exception {
        var device = new GatedDevice();
        Path socket = server.serve("gated", device);
        try (var client = VfioUserClient.connect(socket)) {
            var write = client.async().regionWrite(GatedDevice.BAR, GatedDevice.GATE, new byte[4]);
            var gate = device.nextGate();
            assertThatThrownBy(() -> served("gated").reset().join())
                    .hasMessageContaining("(expected: no command at work");
            gate.complete(null);
            write.get(20, TimeUnit.SECONDS);
            served("gated").reset().get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void tellsListenersOfDevicesAndClients() throws Exception {
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        var listener =
                new ServerListener() {
                    @Override
                    public void deviceServed(String device) {
                        heard.add("served " + device);
                    }

                    @Override
                    public void clientAttached(String device, long session) {
                        heard.add("attached " + session);
                    }

                    @Override
                    public void clientDetached(String device, long session, String reason) {
                        heard.add("detached " + reason);
                        throw new IllegalStateException("a listener of little worth");
                    }

                    @Override
                    public void deviceClosed(String device) {
                        heard.add("closed " + device);
                    }
                };
        server.server().addListener(listener);
        Path socket = server.serve("sample", new Sample());
        try (var client = VfioUserClient.connect(socket)) {
            served("sample").disconnect("enough");
            client.closed()
                    .toCompletableFuture()
                    .exceptionally(_ -> null)
                    .get(20, TimeUnit.SECONDS);
        }
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("served sample");
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("attached 1");
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("detached enough");
        served("sample").close();
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("closed sample");
        server.server().removeListener(listener);
    }
}
