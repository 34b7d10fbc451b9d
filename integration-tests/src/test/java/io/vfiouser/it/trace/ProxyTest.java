package io.vfiouser.it.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vfiouser.client.ClientException;
import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.filters.DelayFilter;
import io.vfiouser.filters.DelaySettings;
import io.vfiouser.filters.DeviceFilter;
import io.vfiouser.filters.DmaFaultFilter;
import io.vfiouser.filters.DmaFaultSettings;
import io.vfiouser.filters.DropIrqFilter;
import io.vfiouser.filters.ErrorFilter;
import io.vfiouser.filters.ErrorRule;
import io.vfiouser.filters.ErrorSettings;
import io.vfiouser.filters.IrqTarget;
import io.vfiouser.filters.SpuriousIrqFilter;
import io.vfiouser.filters.SpuriousIrqSettings;
import io.vfiouser.it.support.DmaCommands;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.Command;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.trace.RegisterNames;
import io.vfiouser.trace.capture.Capture;
import io.vfiouser.trace.capture.CaptureReader;
import io.vfiouser.trace.capture.CaptureRecord;
import io.vfiouser.trace.capture.CaptureSettings;
import io.vfiouser.trace.proxy.ProxyOptions;
import io.vfiouser.trace.proxy.VfioUserProxy;
import io.vfiouser.trace.replay.Replay;
import io.vfiouser.trace.replay.ReplayDevice;
import io.vfiouser.trace.replay.ReplayDeviceSettings;
import io.vfiouser.trace.replay.ReplayOptions;
import io.vfiouser.trace.replay.ReplayResult;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The proxy between a client and a server, and recordings that are played again.
@ExtendWith(NoDescriptorLeaks.class)
class ProxyTest {
    private static final int BAR2 = 2;
    private static final long SIZE = 0x4000;

    @TempDir Path directory = Path.of("");

    private final TestServer server = TestServer.start();

    @AfterEach
    void close() {
        server.close();
    }

    private Path listen() {
        return directory.resolve("proxy.sock");
    }

    /// Copies client memory by mapping and by messages, with an interrupt.
    private static void copies(Path socket, boolean twin) {
        ClientOptions options = ClientOptions.defaults().withTwinSocket(twin);
        try (var client = VfioUserClient.connect(socket, options);
                var memory = SharedMemory.create("copies", SIZE)) {
            memory.segment().set(ValueLayout.JAVA_BYTE, 7, (byte) 0x5a);
            client.dmaMap(0, memory, 0, SIZE, DmaFlags.READ_WRITE);
            DmaCommands.copy(client, 0, 0x1000, 16, 0);
            DmaCommands.copy(client, 0, 0x2000, 16, DmaCommands.BY_MESSAGE);
            assertThat(memory.segment().get(ValueLayout.JAVA_BYTE, 0x1007)).isEqualTo((byte) 0x5a);
            assertThat(memory.segment().get(ValueLayout.JAVA_BYTE, 0x2007)).isEqualTo((byte) 0x5a);
        }
    }

    @Test
    void passesMemoryInterruptsAndMessagesBothWays() {
        Path behind = server.serve("testdev", new TestDevice());
        try (var _ = VfioUserProxy.start(listen(), behind, ProxyOptions.DEFAULTS)) {
            copies(listen(), false);
            copies(listen(), true);
        }
        assertThat(listen()).doesNotExist();
        copies(behind, false); // the server is free again
    }

    @Test
    void passesInterrupts() {
        Path behind = server.serve("gpio", new GpioDevice());
        try (var _ = VfioUserProxy.start(listen(), behind, ProxyOptions.DEFAULTS);
                var client = VfioUserClient.connect(listen())) {
            var irq = client.irq(0, 0);
            irq.arm();
            client.read(BAR2, 2, 1); // IRQ_CTL: on
            client.write(BAR2, 0, 1, 0x11);
            assertThat(irq.await(Duration.ofSeconds(5))).isEqualTo(1);
        }
    }

    @Test
    void aClientWithoutAServerIsDisconnected() {
        try (var _ =
                VfioUserProxy.start(
                        listen(), directory.resolve("nobody.sock"), ProxyOptions.DEFAULTS)) {
            assertThatThrownBy(() -> VfioUserClient.connect(listen()).close())
                    .isInstanceOf(ClientException.class);
        }
    }

    @Test
    void clientsBeyondTheLimitAreDisconnected() {
        Path behind = server.serve("gpio", new GpioDevice());
        try (var _ =
                        VfioUserProxy.start(
                                listen(), behind, ProxyOptions.DEFAULTS.withMaxClients(1));
                var first = VfioUserClient.connect(listen())) {
            assertThatThrownBy(() -> VfioUserClient.connect(listen()).close())
                    .isInstanceOf(ClientException.class);
            assertThat(first.read(7, 0, 2)).isEqualTo(0x494f);
        }
    }

    @Test
    void filtersDelayAndRefuseWhatTheServerDoesNotHearOf() {
        Path behind = server.serve("gpio", new GpioDevice());
        var errors = ErrorSettings.ofWrites(ErrorRule.always(Errno.ENOSPC));
        var options =
                ProxyOptions.DEFAULTS.withFilters(
                        List.of(
                                () -> new DelayFilter(DelaySettings.of(Duration.ofMillis(20))),
                                () -> new ErrorFilter(errors)));
        try (var _ = VfioUserProxy.start(listen(), behind, options);
                var client = VfioUserClient.connect(listen())) {
            long start = System.nanoTime();
            assertThat(client.read(BAR2, 1, 1)).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThanOrEqualTo(Duration.ofMillis(20));
            assertThatThrownBy(() -> client.write(BAR2, 0, 1, 0xa5))
                    .isInstanceOf(RemoteErrorException.class)
                    .hasMessageContaining("ENOSPC");
            client.post(BAR2, 0, 1, 0xa5); // refused, and nobody is told
            assertThat(client.read(BAR2, 1, 1)).isZero();
            assertThat(client.read(7, 0, 2)).isEqualTo(0x494f);
        }
    }

    private static ProxyOptions with(DeviceFilter... filters) {
        var left = new ArrayDeque<>(List.of(filters));
        return ProxyOptions.DEFAULTS
                .withNames(RegisterNames.of(new GpioDevice().layout()))
                // The first one is asked whether it has anything to do.
                .withFilters(List.of(() -> left.size() > 1 ? left.poll() : left.peek()));
    }

    @Test
    void filtersLoseInterrupts() {
        Path behind = server.serve("gpio", new GpioDevice());
        var drop = new DropIrqFilter();
        try (var _ = VfioUserProxy.start(listen(), behind, with(new DropIrqFilter(), drop));
                var client = VfioUserClient.connect(listen())) {
            var irq = client.irq(0, 0);
            irq.arm();
            client.read(BAR2, 2, 1);
            client.write(BAR2, 0, 1, 0x12);
            while (drop.dropped() == 0) {
                client.read(BAR2, 1, 1);
            }
            assertThat(irq.take()).isZero();
        }
    }

    @Test
    void filtersFireInterrupts() {
        Path behind = server.serve("gpio", new GpioDevice());
        var spurious = spurious();
        try (var _ = VfioUserProxy.start(listen(), behind, with(spurious(), spurious));
                var client = VfioUserClient.connect(listen())) {
            var irq = client.irq(0, 0);
            irq.arm();
            assertThat(spurious.fire()).isTrue();
            assertThat(irq.await(Duration.ofSeconds(5))).isEqualTo(1);
        }
    }

    private static SpuriousIrqFilter spurious() {
        return new SpuriousIrqFilter(new SpuriousIrqSettings(IrqTarget.ALL, Duration.ofHours(1)));
    }

    @Test
    void filtersRefuseMemoryThatTheServerReachesForByMessages() {
        Path behind = server.serve("testdev", new TestDevice());
        var options =
                ProxyOptions.DEFAULTS
                        .withDmaByMessages(true)
                        .withFilters(
                                List.of(() ->
                                        new DmaFaultFilter(
                                                DmaFaultSettings.of(
                                                        ErrorRule.always(Errno.EACCES)))));
        for (boolean twin : List.of(false, true)) {
            ClientOptions how = ClientOptions.defaults().withTwinSocket(twin);
            try (var _ = VfioUserProxy.start(listen(), behind, options);
                    var client = VfioUserClient.connect(listen(), how);
                    var memory = SharedMemory.create("copies", SIZE)) {
                client.dmaMap(0, memory, 0, SIZE, DmaFlags.READ_WRITE);
                assertThatThrownBy(() ->
                                DmaCommands.copy(client, 0, 0x2000, 16, DmaCommands.BY_MESSAGE))
                        .isInstanceOf(RemoteErrorException.class)
                        .hasMessageContaining("EACCES");
            }
        }
    }

    @Test
    void memoryWithoutItsFilesIsReachedByMessages() throws Exception {
        Path behind = server.serve("testdev", new TestDevice());
        Path file = directory.resolve("dma.pcapng");
        try (var capture = Capture.to(file, CaptureSettings.DEFAULTS);
                var tap = capture.tap("testdev", RegisterNames.CONFIG_ONLY);
                var _ =
                        VfioUserProxy.start(
                                listen(),
                                behind,
                                ProxyOptions.DEFAULTS.withTap(tap).withDmaByMessages(true));
                var client = VfioUserClient.connect(listen());
                var memory = SharedMemory.create("copies", SIZE)) {
            memory.segment().set(ValueLayout.JAVA_BYTE, 7, (byte) 0x5a);
            client.dmaMap(0, memory, 0, SIZE, DmaFlags.READ_WRITE);
            DmaCommands.copy(client, 0, 0x2000, 16, DmaCommands.BY_MESSAGE);
            assertThat(memory.segment().get(ValueLayout.JAVA_BYTE, 0x2007)).isEqualTo((byte) 0x5a);
        }
        assertThat(CaptureReader.readAll(file))
                .filteredOn(CaptureRecord.Message.class::isInstance)
                .extracting(record -> ((CaptureRecord.Message) record).message().header())
                .anyMatch(header -> header.commandId() == Command.DMA_WRITE.id());
    }

    @Test
    void aFilterForARegisterThatIsNotKnownIsRefusedAtOnce() {
        var options = with(new DelayFilter(DelaySettings.of(Duration.ZERO).at("NOWHERE")));
        assertThatThrownBy(() -> VfioUserProxy.start(listen(), listen(), options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("NOWHERE");
        assertThat(listen()).doesNotExist();
    }

    @Test
    void filtersKnowRegistersByTheNamesThatAreGiven() {
        Path behind = server.serve("gpio", new GpioDevice());
        var settings = ErrorSettings.ofWrites(ErrorRule.always(Errno.ENOSPC)).at("OUT0_7");
        var options = with(new ErrorFilter(settings), new ErrorFilter(settings));
        try (var _ = VfioUserProxy.start(listen(), behind, options);
                var client = VfioUserClient.connect(listen())) {
            client.write(BAR2, 4, 1, 1);
            assertThatThrownBy(() -> client.write(BAR2, 0, 1, 1))
                    .isInstanceOf(RemoteErrorException.class)
                    .hasMessageContaining("ENOSPC");
        }
    }

    @Test
    void interruptsAreRecordedAndPlayedToADriver() throws Exception {
        Path behind = server.serve("gpio", new GpioDevice());
        Path file = directory.resolve("gpio.pcapng");
        try (var capture = Capture.to(file, CaptureSettings.DEFAULTS);
                var tap = capture.tap("gpio", RegisterNames.of(new GpioDevice().layout()));
                var _ = VfioUserProxy.start(listen(), behind, ProxyOptions.DEFAULTS.withTap(tap))) {
            interrupts(listen());
        }
        var device = ReplayDevice.of(ReplayDeviceSettings.DEFAULTS.withFile(file));
        interrupts(server.serve("again", device));
    }

    private static void interrupts(Path socket) {
        try (var client = VfioUserClient.connect(socket)) {
            var irq = client.irq(0, 0);
            assertThat(client.region(BAR2).size()).isEqualTo(0x100);
            irq.arm();
            client.read(BAR2, 2, 1);
            client.write(BAR2, 0, 1, 0x11);
            assertThat(irq.await(Duration.ofSeconds(5))).isEqualTo(1);
            client.write(BAR2, 1, 1, 0); // acknowledged
            irq.arm(); // another eventfd
            client.write(BAR2, 0, 1, 0x12);
            assertThat(irq.await(Duration.ofSeconds(5))).isEqualTo(1);
        }
    }

    @Test
    void whatIsRecordedIsPlayedAgain() throws Exception {
        Path behind = server.serve("testdev", new TestDevice());
        Path file = directory.resolve("copies.pcapng");
        var settings = CaptureSettings.DEFAULTS.withMemory(1 << 20);
        try (var capture = Capture.to(file, settings);
                var tap = capture.tap("testdev", RegisterNames.CONFIG_ONLY);
                var _ = VfioUserProxy.start(listen(), behind, ProxyOptions.DEFAULTS.withTap(tap))) {
            copies(listen(), false);
            copies(listen(), true);
        }
        List<CaptureRecord> records = CaptureReader.readAll(file);
        assertThat(records).anyMatch(CaptureRecord.Memory.class::isInstance);
        assertThat(records.stream().filter(CaptureRecord.SessionEnd.class::isInstance)).hasSize(2);
        for (long session = 1; session <= 2; session++) {
            ReplayResult result =
                    Replay.run(records, behind, ReplayOptions.DEFAULTS.withSession(session));
            assertThat(result.difference()).isEmpty();
            assertThat(result.sent()).isGreaterThan(5);
            assertThat(result.compared()).isGreaterThan(5);
        }
    }

    @Test
    void theFirstDifferenceIsNamed() throws Exception {
        Path one = server.serve("gpio0", new GpioDevice());
        Path file = directory.resolve("gpio.pcapng");
        try (var capture = Capture.to(file, CaptureSettings.DEFAULTS);
                var _ = capture.on(server.server().devices().iterator().next());
                var client = VfioUserClient.connect(one)) {
            client.write(BAR2, 0, 1, 0xa5);
            client.read(BAR2, 1, 1);
        }
        Path other = server.serve("other", new TestDevice());
        assertThat(Replay.run(file, one, ReplayOptions.DEFAULTS).difference()).isEmpty();
        ReplayResult result = Replay.run(file, other, ReplayOptions.DEFAULTS);
        assertThat(result.isSame()).isFalse();
        assertThat(result.difference().orElseThrow().expected())
                .startsWith("gpio0 -> REGION_WRITE reply BAR2 OUT0_7 (1 byte)");
        var ignoring = ReplayOptions.DEFAULTS.ignoring(Set.of("BAR2 IN0_7"));
        assertThat(Replay.run(file, one, ignoring).isSame()).isTrue();
    }
}
