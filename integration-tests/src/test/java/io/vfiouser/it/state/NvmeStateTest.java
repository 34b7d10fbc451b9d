package io.vfiouser.it.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.vfiouser.client.VfioUserClient;
import io.vfiouser.device.region.LittleEndian;
import io.vfiouser.devices.block.file.FileBackend;
import io.vfiouser.devices.block.file.FileSettings;
import io.vfiouser.devices.nvme.NvmeDevice;
import io.vfiouser.os.SharedMemory;
import io.vfiouser.protocol.DmaFlags;
import io.vfiouser.server.ServeException;
import io.vfiouser.server.VfioUserServer;
import io.vfiouser.server.options.Endpoint;
import io.vfiouser.server.options.ServerOptions;
import io.vfiouser.server.options.ServiceOptions;
import io.vfiouser.testsupport.NoDescriptorLeaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// An NVMe controller on a file keeps its queues over a planned stop: a host that maps the same
/// memory goes on with the next entry of its ring.
@ExtendWith(NoDescriptorLeaks.class)
final class NvmeStateTest {
    private static final int SIZE = 1 << 20;
    private static final long SUBMISSION = 0x1000;
    private static final long COMPLETION = 0x2000;
    private static final long DATA = 0x3000;
    private static final int ENTRIES = 16;
    private static final int COMMAND = 4;
    private static final int MEMORY_SPACE = 1 << 1;
    private static final int BUS_MASTER = 1 << 2;

    @TempDir Path directory;
    private Path states;

    @BeforeEach
    void makeDirectory() throws IOException {
        states = Files.createDirectory(directory.resolve("states"));
    }

    @Test
    void theAdminQueueGoesOnWithItsNextEntry() {
        try (var memory = SharedMemory.create("host", 0x4000)) {
            try (var server = server();
                    var client = serve(server, SIZE)) {
                map(client, memory);
                enable(client);
                identify(memory, 0);
                ring(client, 1);
                assertCompleted(memory, 0);
                identify(memory, 1);
                ring(client, 2);
                assertCompleted(memory, 1);
                server.close(Duration.ZERO);
            }
            memory.segment().asSlice(DATA, 0x1000).fill((byte) 0);
            try (var server = server();
                    var client = serve(server, SIZE)) {
                assertThat(client.read(0, 0x1c, 4) & 1).as("ready").isEqualTo(1);
                map(client, memory);
                identify(memory, 2);
                ring(client, 3);
                assertCompleted(memory, 2);
                assertThat(memory.segment().get(LittleEndian.INT, DATA + 0x50)).isNotZero();
            }
        }
    }

    @Test
    void commandsThatWereNotFetchedAreFoundInTheRing() {
        try (var memory = SharedMemory.create("host", 0x4000)) {
            try (var server = server();
                    var client = serve(server, SIZE)) {
                map(client, memory);
                enable(client);
                client.configSpace().write16(COMMAND, MEMORY_SPACE);
                for (int i = 0; i < 3; i++) {
                    identify(memory, i);
                }
                ring(client, 3);
                server.close(Duration.ZERO);
            }
            try (var server = server();
                    var client = serve(server, SIZE)) {
                map(client, memory);
                client.configSpace().write16(COMMAND, MEMORY_SPACE | BUS_MASTER);
                identify(memory, 3);
                ring(client, 4);
                for (int i = 0; i < 4; i++) {
                    assertCompleted(memory, i);
                }
            }
        }
    }

    @Test
    void aDiskOfAnotherSizeIsRefusedByTheFilesName() {
        try (var server = server();
                var client = serve(server, SIZE)) {
            assertThat(client.info().pci()).isTrue();
            server.close(Duration.ZERO);
        }
        try (var server = server()) {
            assertThatExceptionOfType(ServeException.class)
                    .isThrownBy(() -> serve(server, 2 * SIZE))
                    .withMessageContaining("nvme0.state: state of another kind of controller")
                    .withMessageContaining("move it away");
        }
        assertThat(states.resolve("nvme0.state")).exists();
    }

    private VfioUserServer server() {
        return VfioUserServer.start(ServerOptions.defaults());
    }

    private VfioUserClient serve(VfioUserServer server, int size) {
        var disk = FileSettings.of(directory.resolve("disk" + size)).withCreate(size);
        var served =
                server.serve(
                        "nvme0",
                        NvmeDevice.builder(FileBackend.open(disk)).build(),
                        Endpoint.at(directory.resolve("nvme0")),
                        ServiceOptions.defaults().withStateDirectory(states));
        return VfioUserClient.connect(served.socket());
    }

    private static void map(VfioUserClient client, SharedMemory memory) {
        client.dmaMap(0, memory, 0, memory.size(), DmaFlags.READ_WRITE);
    }

    /// Admin queues of 16 entries, then CC.EN.
    private static void enable(VfioUserClient client) {
        client.configSpace().write16(COMMAND, MEMORY_SPACE | BUS_MASTER);
        client.write(0, 0x24, 4, (ENTRIES - 1) << 16 | (ENTRIES - 1));
        client.write(0, 0x28, 8, SUBMISSION);
        client.write(0, 0x30, 8, COMPLETION);
        client.write(0, 0x14, 4, 0x0046_0001);
        assertThat(client.read(0, 0x1c, 4) & 1).as("ready").isEqualTo(1);
    }

    /// Identify Controller in one entry of the ring.
    private static void identify(SharedMemory memory, int entry) {
        var command = memory.segment().asSlice(SUBMISSION + 64L * entry, 64);
        command.fill((byte) 0);
        command.set(LittleEndian.INT, 0, 0x06 | (0x100 + entry) << 16);
        command.set(LittleEndian.LONG, 24, DATA);
        command.set(LittleEndian.INT, 40, 1);
    }

    private static void ring(VfioUserClient client, int tail) {
        client.write(0, 0x1000, 4, tail);
    }

    private static void assertCompleted(SharedMemory memory, int entry) {
        var completion = memory.segment().asSlice(COMPLETION + 16L * entry, 16);
        long end = System.nanoTime() + 10_000_000_000L;
        while ((completion.get(LittleEndian.INT, 12) >>> 16 & 1) == 0
                && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(100_000);
        }
        assertThat(completion.get(LittleEndian.INT, 12))
                .as("command, phase, status of entry %d", entry)
                .isEqualTo((0x100 + entry) | 1 << 16);
    }
}
