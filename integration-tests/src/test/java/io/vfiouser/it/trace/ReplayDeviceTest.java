package io.vfiouser.it.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.vfiouser.client.RemoteErrorException;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.devices.edu.EduDevice;
import io.vfiouser.devices.edu.EduSettings;
import io.vfiouser.devices.gpio.GpioDevice;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.filters.ErrorFilter;
import io.vfiouser.filters.ErrorRule;
import io.vfiouser.filters.ErrorSettings;
import io.vfiouser.filters.FilteredDevice;
import io.vfiouser.it.support.DmaCommands;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.Errno;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.server.ServedDevice;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import io.vfiouser.trace.capture.Capture;
import io.vfiouser.trace.capture.CaptureSettings;
import io.vfiouser.trace.replay.Departure;
import io.vfiouser.trace.replay.ReplayDevice;
import io.vfiouser.trace.replay.ReplayDeviceSettings;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A recorded device, in place of the one that was recorded.
@ExtendWith(NoDescriptorLeaks.class)
class ReplayDeviceTest {
    private static final int BAR2 = 2;
    private static final int IRQ_CTL = 2;
    private static final long SIZE = 0x4000;

    @TempDir Path directory = Path.of("");

    private final TestServer server = TestServer.start();

    @AfterEach
    void close() {
        server.close();
    }

    private Path record(Device device, Consumer<VfioUserClient> driver) throws Exception {
        Path file = directory.resolve("recorded.pcapng");
        Path socket = server.serve("recorded", device);
        try (var capture = Capture.to(file, CaptureSettings.DEFAULTS.withMemory(1 << 20));
                var _ = capture.on(server.server().devices().iterator().next());
                var client = VfioUserClient.connect(socket)) {
            driver.accept(client);
        }
        return file;
    }

    private Path replayed = Path.of("");

    private ReplayDevice replay(ReplayDeviceSettings settings, Consumer<VfioUserClient> driver)
            throws Exception {
        ReplayDevice device = ReplayDevice.of(settings);
        replayed = server.serve("replayed", device);
        try (var client = VfioUserClient.connect(replayed)) {
            driver.accept(client);
        }
        return device;
    }

    private static ReplayDeviceSettings settings(Path file) {
        return ReplayDeviceSettings.DEFAULTS.withFile(file);
    }

    private List<Departure> departures(ReplayDevice device) throws Exception {
        ServedDevice served =
                server.server().devices().stream()
                        .filter(each -> each.name().equals("replayed"))
                        .findFirst()
                        .orElseThrow();
        return served.call(device::departures).toCompletableFuture().get();
    }

    private static void drives(VfioUserClient client) {
        assertThat(client.read(7, 0, 2)).isEqualTo(0x494f);
        assertThat(client.read(7, 2, 2)).isEqualTo(0x0dc8);
        assertThat(client.region(BAR2).size()).isEqualTo(0x100);
        var irq = client.irq(0, 0);
        irq.arm();
        client.read(BAR2, IRQ_CTL, 1); // on
        client.write(BAR2, 0, 1, 0x11);
        assertThat(irq.await(Duration.ofSeconds(5))).isEqualTo(1);
        assertThat(client.read(BAR2, 1, 1)).isEqualTo(0x11);
        client.write(BAR2, 0, 1, 0x22);
        assertThat(client.read(BAR2, 1, 1)).isEqualTo(0x22);
        assertThat(client.read(BAR2, 1, 1)).isEqualTo(0x22);
    }

    @Test
    void answersAsTheRecordedDeviceDid() throws Exception {
        Path file = record(new GpioDevice(), ReplayDeviceTest::drives);
        ReplayDevice device = replay(settings(file), ReplayDeviceTest::drives);
        assertThat(departures(device)).isEmpty();
        // The next client begins from the start.
        try (var client = VfioUserClient.connect(replayed)) {
            drives(client);
        }
        assertThat(departures(device)).isEmpty();
    }

    /// A level that the recorded driver took back by a write, and this one does not.
    @Test
    void anInterruptThatNobodyDealsWithEnds() throws Exception {
        Consumer<VfioUserClient> driver =
                client -> {
                    var irq = client.irq(0, 0);
                    irq.arm();
                    client.read(BAR2, IRQ_CTL, 1); // on
                    client.write(BAR2, 0, 1, 0x11);
                    assertThat(irq.await(Duration.ofSeconds(5))).isEqualTo(1);
                    irq.unmask();
                    client.write(BAR2, 1, 1, 0);
                };
        Path file = record(new GpioDevice(), driver);
        replay(
                settings(file),
                client -> {
                    var irq = client.irq(0, 0);
                    irq.arm();
                    client.write(BAR2, 0, 1, 0x11);
                    assertThat(irq.await(Duration.ofSeconds(5))).isEqualTo(1);
                    long more = 0;
                    for (int i = 0; i < 50; i++) {
                        irq.unmask();
                        more += irq.take();
                    }
                    assertThat(more).isBetween(1L, 8L);
                });
    }

    @Test
    void polledMoreOrLessOftenItAnswersTheSame() throws Exception {
        Path file = record(new GpioDevice(), ReplayDeviceTest::drives);
        ReplayDevice device =
                replay(
                        settings(file),
                        client -> {
                            client.write(BAR2, 0, 1, 0x11); // its reads left out
                            client.write(BAR2, 0, 1, 0x22);
                            for (int i = 0; i < 10; i++) {
                                assertThat(client.read(BAR2, 1, 1)).isEqualTo(0x22);
                            }
                        });
        assertThat(departures(device)).isEmpty();
    }

    @Test
    void tellsWhereTheDriverDeparts() throws Exception {
        Path file = record(new GpioDevice(), ReplayDeviceTest::drives);
        ReplayDevice device =
                replay(
                        settings(file),
                        client -> {
                            client.write(BAR2, 0, 1, 0x12);
                            client.write(BAR2, 0x20, 2, 0xbeef);
                            assertThat(client.read(BAR2, 0x30, 4)).isZero();
                        });
        assertThat(departures(device))
                .extracting(Departure::access, Departure::reason)
                .containsExactly(
                        tuple("write BAR2 OUT0_7 0x12 (1 byte)", "recorded: 0x11"),
                        tuple("write BAR2+0x20 0xbeef (2 bytes)", "no write to it recorded"),
                        tuple("read BAR2+0x30 (4 bytes)", "no read of it recorded"));
        assertThat(departures(device).get(1).packet()).isPositive();
    }

    @Test
    void valuesThatMayDifferAreNoDeparture() throws Exception {
        Path file = record(new GpioDevice(), ReplayDeviceTest::drives);
        ReplayDevice device =
                replay(
                        settings(file).ignoring("BAR2 OUT0_7"),
                        client -> client.write(BAR2, 0, 1, 0x12));
        assertThat(departures(device)).isEmpty();
    }

    @Test
    void strictlyWhatDepartsIsRefused() throws Exception {
        Path file = record(new GpioDevice(), ReplayDeviceTest::drives);
        replay(
                settings(file).withStrict(true),
                client -> {
                    client.write(BAR2, 0, 1, 0x11);
                    assertThatThrownBy(() -> client.write(BAR2, 0, 1, 0x23))
                            .isInstanceOf(RemoteErrorException.class)
                            .hasMessageContaining("EIO");
                });
    }

    @Test
    void refusesWhatTheRecordedDeviceRefused() throws Exception {
        var errors = new ErrorFilter(ErrorSettings.ofWrites(ErrorRule.always(Errno.ENOSPC)));
        Consumer<VfioUserClient> driver =
                client ->
                        assertThatThrownBy(() -> client.write(BAR2, 0, 1, 1))
                                .isInstanceOf(RemoteErrorException.class)
                                .hasMessageContaining("ENOSPC");
        Path file = record(FilteredDevice.of(new GpioDevice(), errors), driver);
        replay(settings(file), driver);
    }

    @Test
    void messageInterruptsComeAsRecorded() throws Exception {
        Consumer<VfioUserClient> driver =
                client -> {
                    assertThat(client.read(7, 0, 4)).isEqualTo(0x11e8_1234L);
                    client.region(7).readBytes(0, 256);
                    client.write(7, 4, 2, 7);
                    var irq = client.irq(1, 0);
                    irq.arm();
                    client.write(0, 0x60, 4, 0x55);
                    assertThat(irq.await(Duration.ofSeconds(5))).isEqualTo(1);
                    assertThat(client.read(0, 0x24, 4)).isEqualTo(0x55);
                    client.write(0, 0x64, 4, 0x55);
                    assertThat(client.read(0, 0x24, 4)).isZero();
                };
        Path file = record(new EduDevice(EduSettings.DEFAULTS), driver);
        ReplayDevice device = replay(settings(file), driver);
        assertThat(departures(device)).isEmpty();
        assertThat(device.layout().pciClass().sub()).isEqualTo(0xff);
        assertThat(device.layout().bars()).containsOnlyKeys(0);
    }

    @Test
    void clientMemoryIsWrittenIfItIsAskedFor() throws Exception {
        Consumer<VfioUserClient> driver =
                client -> {
                    try (var memory = SharedMemory.create("replayed", SIZE)) {
                        memory.segment().set(ValueLayout.JAVA_BYTE, 7, (byte) 0x5a);
                        client.dmaMap(0, memory, 0, SIZE, DmaFlags.READ_WRITE);
                        DmaCommands.copy(client, 0, 0x1000, 16, 0);
                        DmaCommands.copy(client, 0, 0x2000, 16, DmaCommands.BY_MESSAGE);
                        assertThat(memory.segment().get(ValueLayout.JAVA_BYTE, 0x1007))
                                .isEqualTo((byte) 0x5a);
                        assertThat(memory.segment().get(ValueLayout.JAVA_BYTE, 0x2007))
                                .isEqualTo((byte) 0x5a);
                        client.dmaUnmap(0, SIZE);
                    }
                };
        Path file = record(new TestDevice(), driver);
        ReplayDevice device = replay(settings(file).withMemory(true), driver);
        assertThat(departures(device)).isEmpty();
    }
}
