package io.vfiouser.it.handover;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.RemoteIrq;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.devices.edu.EduDevice;
import io.vfiouser.devices.edu.EduSettings;
import io.vfiouser.devices.testdev.TestDevice;
import io.vfiouser.it.support.DmaCommands;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.SparseMmapArea;
import io.vfiouser.server.Removal;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What clients find after a takeover: all that was there before.
@ExtendWith(NoDescriptorLeaks.class)
final class HandoverTest {
    private static final int MSIX = 2;
    private static final int BELL_BAR = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    @Test
    void registersConfigSpaceAndMappedMemoryStay() throws InterruptedException {
        try (var relay = Relay.start()) {
            Path socket = relay.serve("testdev0", TestDevice::new);
            try (var client = VfioUserClient.connect(socket)) {
                client.region(0).write32(0x10, 0x1234_5678);
                client.configSpace().write16(4, 0x6);
                MemorySegment mapped = client.region(1).map(new SparseMmapArea(0, 0x10_0000));
                mapped.set(ValueLayout.JAVA_INT, 0x20, 0x5555);

                for (int i = 0; i < 3; i++) {
                    var report = relay.replace();
                    assertThat(report.devices()).isEqualTo(1);
                    assertThat(report.clients()).isEqualTo(1);
                    assertThat(client.region(0).read32(0x10)).isEqualTo(0x1234_5678);
                    assertThat(client.configSpace().read16(4)).isEqualTo(0x6);
                    assertThat(client.region(1).read32(0x20)).isEqualTo(0x5555 + i);
                    mapped.set(ValueLayout.JAVA_INT, 0x20, 0x5555 + i + 1);
                }
            }
            assertThat(relay.server().devices()).hasSize(1);
        }
    }

    @Test
    void aDeviceWithoutClientIsServedOnAtTheSameSocket() throws Exception {
        try (var relay = Relay.start()) {
            Path socket = relay.serve("testdev0", TestDevice::new);
            var before = relay.server().devices().iterator().next();

            assertThat(relay.replace().clients()).isZero();

            assertThat(before.whenClosed().toCompletableFuture().get())
                    .isEqualTo(Removal.TAKEN_OVER);
            for (int i = 0; i < 2; i++) {
                try (var client = VfioUserClient.connect(socket)) {
                    client.region(0).write32(0, 7);
                    assertThat(client.region(0).read32(0)).isEqualTo(7);
                }
            }
            relay.replace();
            VfioUserClient.connect(socket).close();
        }
    }

    @Test
    void interruptsAndClientMemoryStay() throws InterruptedException {
        try (var relay = Relay.start();
                var memory = SharedMemory.create("guest", 1 << 20)) {
            Path socket = relay.serve("testdev0", TestDevice::new);
            try (var client = VfioUserClient.connect(socket)) {
                client.dmaMap(0x10_0000, memory, 0, 1 << 19, DmaFlags.READ_WRITE);
                client.dmaMap(0x40_0000, memory, 1 << 19, 1 << 19, DmaFlags.READ_WRITE);
                RemoteIrq irq = client.irq(MSIX, 3);
                irq.arm();
                RemoteIrq masked = client.irq(MSIX, 4);
                masked.arm();
                masked.mask();
                client.write(BELL_BAR, 0, 4, 4);
                memory.segment().set(ValueLayout.JAVA_LONG, 0x100, 0xfeed_f00dL);

                relay.replace();

                client.write(BELL_BAR, 0, 4, 3);
                assertThat(irq.await(PATIENCE)).isEqualTo(1);
                assertThat(masked.take()).isZero();
                masked.unmask();
                assertThat(masked.await(PATIENCE)).isEqualTo(1);
                DmaCommands.copy(client, 0x10_0100, 0x40_0000, 8, 0);
                assertThat(memory.segment().get(ValueLayout.JAVA_LONG, 1 << 19))
                        .isEqualTo(0xfeed_f00dL);
                client.dmaUnmap(0x10_0000, 1 << 19);
                relay.replace();
                client.dmaUnmap(0x40_0000, 1 << 19);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void memoryByMessagesGoesOn(boolean twinSocket) throws InterruptedException {
        try (var relay = Relay.start()) {
            Path socket = relay.serve("testdev0", TestDevice::new);
            var bytes = MemorySegment.ofArray(new byte[0x4000]);
            var options = ClientOptions.defaults().withTwinSocket(twinSocket);
            try (var client = VfioUserClient.connect(socket, options)) {
                client.dmaMapWithoutDescriptor(0x1000, bytes, DmaFlags.READ_WRITE);
                bytes.set(ValueLayout.JAVA_BYTE, 0, (byte) 42);
                DmaCommands.copy(client, 0x1000, 0x2000, 8, 0);
                relay.replace();
                relay.replace();
                DmaCommands.copy(client, 0x2000, 0x3000, 8, 0);
                assertThat(bytes.get(ValueLayout.JAVA_BYTE, 0x2000)).isEqualTo((byte) 42);
            }
        }
    }

    @Test
    void theDirtyPageLogGoesOn() throws InterruptedException {
        long iova = 0x10_0000;
        long page = 4096;
        try (var relay = Relay.start();
                var memory = SharedMemory.create("guest", 16 * page)) {
            var settings = new EduSettings(28, Duration.ofMillis(1));
            Path socket = relay.serve("edu0", () -> new EduDevice(settings));
            try (var client = VfioUserClient.connect(socket)) {
                client.dmaMap(iova, memory, 0, 16 * page, DmaFlags.READ_WRITE);
                client.migration().startLogging(page);
                eduWrites(client, iova + page);
                relay.replace();
                eduWrites(client, iova + 5 * page);
                assertThat(client.migration().dirtyPages(iova, 16 * page, page).stream())
                        .containsExactly(1, 5);
                relay.replace();
                assertThat(client.migration().dirtyPages(iova, 16 * page, page).stream()).isEmpty();
                eduWrites(client, iova + 7 * page);
                assertThat(client.migration().dirtyPages(iova, 16 * page, page).stream())
                        .containsExactly(7);
                client.migration().stopLogging();
            }
        }
    }

    /// Sixteen bytes of the device's buffer go to the client's memory.
    private static void eduWrites(VfioUserClient client, long iova) {
        client.write(0, 0x80, 8, 0x40000);
        client.write(0, 0x88, 8, iova);
        client.write(0, 0x90, 8, 16);
        client.write(0, 0x98, 8, 0x3);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while ((client.read(0, 0x98, 8) & 1) != 0) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    @Test
    void pipelinedAccessesAreNeitherLostNorDoubled() throws InterruptedException {
        try (var relay = Relay.start()) {
            Path socket = relay.serve("counter", CountingDevice::new);
            try (var client = VfioUserClient.connect(socket)) {
                var stop = new CompletableFuture<Boolean>();
                var done = CompletableFuture.supplyAsync(() -> count(client, stop));
                for (int i = 0; i < 5; i++) {
                    relay.replace();
                }
                stop.complete(true);
                long written = done.join();
                assertThat(written).isPositive();
                assertThat(client.read(0, CountingDevice.COUNT, 8)).isEqualTo(written);
            }
        }
    }

    /// Adds ones, many at a time, half of them without an answer; reads must tell of all before.
    private static long count(VfioUserClient client, CompletableFuture<Boolean> stop) {
        long written = 0;
        byte[] one = {1, 0, 0, 0, 0, 0, 0, 0};
        while (!stop.isDone()) {
            List<CompletableFuture<?>> answers = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                answers.add(
                        i % 2 == 0
                                ? client.async().regionPost(0, CountingDevice.ADD, one)
                                : client.async().regionWrite(0, CountingDevice.ADD, one));
                written++;
            }
            long expected = written;
            answers.add(
                    client.async()
                            .regionRead(0, CountingDevice.COUNT, 8)
                            .thenAccept(bytes ->
                                    assertThat(
                                                    MemorySegment.ofArray(bytes)
                                                            .get(
                                                                    ValueLayout.JAVA_LONG_UNALIGNED,
                                                                    0))
                                            .isEqualTo(expected)));
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).join();
        }
        return written;
    }
}
