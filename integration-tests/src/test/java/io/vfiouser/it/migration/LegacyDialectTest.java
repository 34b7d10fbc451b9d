package io.vfiouser.it.migration;

import static org.assertj.core.api.Assertions.assertThat;

import io.vfiouser.client.ClientOptions;
import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.Device;
import io.vfiouser.device.DeviceLayout;
import io.vfiouser.device.region.MemoryRegion;
import io.vfiouser.device.region.Region;
import io.vfiouser.devices.timer.TimerDevice;
import io.vfiouser.it.support.TestServer;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.Dialect;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.protocol.LegacyFormat;
import io.vfiouser.protocol.LegacyRequest.DirtyAction;
import io.vfiouser.protocol.LegacyRequest.DirtyPages;
import io.vfiouser.protocol.LegacyRequest.DirtyRange;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// What that time's sample client does with that time's sample server, in our client and server.
@ExtendWith(NoDescriptorLeaks.class)
class LegacyDialectTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final ClientOptions LEGACY =
            ClientOptions.likeLegacySample().withTimeout(PATIENCE);
    private static final int REGION = LegacyFormat.MIGRATION_REGION;
    private static final long DATA_AT = 0x1000;

    @Test
    void interruptsByMessageAndWritesMemoryByMessages() {
        try (var server = TestServer.start(ServerOptions.defaults().withDialect(Dialect.LEGACY));
                var memory = SharedMemory.create("client", 0x2000);
                var client =
                        VfioUserClient.connect(server.serve("timer", new TimerDevice()), LEGACY)) {
            assertThat(client.info().regionCount()).isEqualTo(LegacyFormat.REGION_COUNT);
            client.dmaMap(0, memory, 0, 0x1000, DmaFlags.READ_WRITE);
            client.dmaMap(0x1000, memory, 0x1000, 0x1000, DmaFlags.READ_WRITE);
            client.dirtyPages(new DirtyPages(DirtyAction.START, List.of()));
            var irq = client.irq(0, 0);
            irq.arm();
            client.write(0, 0, 8, Instant.now().getEpochSecond() - 1);
            assertThat(irq.await(PATIENCE)).isEqualTo(1);
            assertThat(client.awaitInterruptMessage(PATIENCE)).hasValue(0);
            client.reset(); // waits for the end of the DMA
            assertThat(memory.segment().get(ValueLayout.JAVA_BYTE, 0xfff)).isEqualTo((byte) 'A');
            var ranges =
                    List.of(
                            new DirtyRange(0, 0x1000, 0x1000, 1),
                            new DirtyRange(0x1000, 0x1000, 0x1000, 1));
            assertThat(client.dirtyPages(new DirtyPages(DirtyAction.GET_BITMAP, ranges)))
                    .containsExactly(1, 0);
            client.dirtyPages(new DirtyPages(DirtyAction.STOP, List.of()));
            client.dmaUnmap(0, 0x1000);
        }
    }

    @Test
    void migratesFromOneServerToAnother() {
        try (var server = TestServer.start(ServerOptions.defaults().withDialect(Dialect.LEGACY))) {
            Path from = server.serve("source", new TimerDevice());
            Path to = server.serve("destination", new TimerDevice());
            byte[] first;
            byte[] last;
            try (var source = VfioUserClient.connect(from, LEGACY)) {
                source.write(1, 0x123, 4, 0x1234_5678);
                source.write(REGION, 0, 4, 3);
                first = piece(source);
                assertThat(first).hasSize(0x3000);
                assertThat(source.read(REGION, 8, 8)).as("taken, so pending_bytes").isZero();
                source.write(REGION, 0, 4, 2);
                last = piece(source);
                assertThat(last).hasSize(0x3008);
                assertThat(source.read(REGION, 8, 8)).as("pending_bytes").isZero();
                source.write(REGION, 0, 4, 0);
            }
            try (var destination = VfioUserClient.connect(to, LEGACY)) {
                destination.write(REGION, 0, 4, 4);
                for (byte[] piece : List.of(first, last)) {
                    assertThat(destination.read(REGION, 16, 8)).isEqualTo(DATA_AT);
                    destination.writeBytes(REGION, DATA_AT, piece);
                    destination.write(REGION, 24, 8, piece.length);
                }
                destination.write(REGION, 0, 4, 1);
                assertThat(destination.read(1, 0x123, 4)).isEqualTo(0x1234_5678);
                assertThat(destination.read(REGION, 0, 4)).as("device_state").isEqualTo(1);
            }
        }
    }

    @Test
    void leavesTheRegistersToADeviceThatHasThem() {
        Device device =
                () ->
                        DeviceLayout.pci(0x1234, 0x5678)
                                .legacyMigration(Region.of(0x2000, MemoryRegion.scratch(0x2000)))
                                .build();
        try (var server = TestServer.start(ServerOptions.defaults().withDialect(Dialect.LEGACY));
                var client = VfioUserClient.connect(server.serve("native", device), LEGACY)) {
            assertThat(client.region(REGION).size()).isEqualTo(0x2000);
            client.write(REGION, 0, 4, 5); // which the server's own registers would refuse
            assertThat(client.read(REGION, 0, 4)).isEqualTo(5);
        }
    }

    private static byte[] piece(VfioUserClient client) {
        assertThat(client.read(REGION, 8, 8)).as("pending_bytes").isPositive();
        assertThat(client.read(REGION, 16, 8)).as("data_offset").isEqualTo(DATA_AT);
        return client.readBytes(REGION, DATA_AT, (int) client.read(REGION, 24, 8));
    }
}
